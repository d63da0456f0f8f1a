package org.lens4j.kernel.display;

/** A value that knows how it looks in a notebook. */
public interface Shown {
    /** Its contents by mime type. */
    MimeBundle shown();
}
