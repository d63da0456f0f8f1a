package org.lens4j.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other programs on this machine. */
interface Programs {
    /** Whether a command is there and ends well; what it prints is dropped. */
    boolean answers(List<String> command);

    /** Runs a command in this terminal until it ends, and hands back its exit code. */
    int run(List<String> command) throws IOException, InterruptedException;

    /** Those found on the PATH. */
    static Programs ofThisMachine() {
        return new Programs() {
            private static final long PATIENCE_SECONDS = 30;

            @Override
            public boolean answers(List<String> command) {
                try {
                    Process process = new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
                    if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                        return process.exitValue() == 0;
                    }
                    process.destroyForcibly();
                    return false;
                } catch (IOException e) {
                    return false; // there is no such program
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }

            @Override
            public int run(List<String> command) throws IOException, InterruptedException {
                return new ProcessBuilder(command).inheritIO().start().waitFor();
            }
        };
    }
}
