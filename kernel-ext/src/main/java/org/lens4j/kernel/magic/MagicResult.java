package org.lens4j.kernel.magic;

import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;

/**
 * What a magic gives back.
 *
 * @param value the value {@code var r = %name} gives to Java
 * @param shown what the cell shows; where it is empty and the magic stands alone, the value is shown as any other
 */
public record MagicResult(Optional<Object> value, Optional<MimeBundle> shown) {

    /** Nothing to show and no value. */
    public static MagicResult nothing() {
        return new MagicResult(Optional.empty(), Optional.empty());
    }

    /** A value, shown in its usual form. */
    public static MagicResult of(Object value) {
        return new MagicResult(Optional.of(value), Optional.empty());
    }

    /** A value, shown in this form. */
    public static MagicResult of(Object value, MimeBundle shown) {
        return new MagicResult(Optional.of(value), Optional.of(shown));
    }

    /** Something to show, without a value. */
    public static MagicResult shown(MimeBundle shown) {
        return new MagicResult(Optional.empty(), Optional.of(shown));
    }

    /** Text to show, without a value. */
    public static MagicResult text(String text) {
        return shown(MimeBundle.text(text));
    }

    /**
     * The value, for {@code x = %name}.
     *
     * @throws UsageException if there is none
     */
    public Object valueOf(String name) {
        return value.orElseThrow(() -> new UsageException(
                "\"= %%%1$s\": %%%1$s gives no value. Write %%%1$s on a line of its own.".formatted(name)));
    }
}
