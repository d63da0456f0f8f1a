package org.lens4j.kernel.host.jjava;

import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.lens4j.kernel.host.LensExtension;

/** What JJava finds when the jar comes onto its class path. */
public final class JJavaExtension implements Extension {
    /** For JJava, which makes it by reflection. */
    public JJavaExtension() {}

    @Override
    public void install(BaseKernel kernel) {
        try {
            LensExtension.install(new JJavaKernel(kernel));
        } catch (Exception | LinkageError e) {
            // Thrown while JJava starts, it would end JJava.
            System.err.printf("Lens4J is not installed in JJava %s: %s%n", kernel.getVersion(), e);
        }
    }

    @Override
    public void uninstall(BaseKernel kernel) {
        LensExtension.close();
    }
}
