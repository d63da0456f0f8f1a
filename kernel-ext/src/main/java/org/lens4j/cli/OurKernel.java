package org.lens4j.cli;

import org.lens4j.kernel.host.KernelSpec;

/** The kernel this command line runs and installs: the one on its own class path. */
final class OurKernel {
    /** The class that takes the connection file. */
    private static final String MAIN = "org.lens4j.kernel.host.KernelMain";

    private OurKernel() {}

    /** How it is started; the class path is the launcher's own, with its wildcards, where the launcher started us. */
    static KernelSpec spec() {
        String classPath = System.getProperty("lens.class.path", System.getProperty("java.class.path"));
        return KernelSpec.ofThisJava(classPath, MAIN);
    }
}
