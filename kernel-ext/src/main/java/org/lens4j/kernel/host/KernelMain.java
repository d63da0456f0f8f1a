package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts the bundled kernel: {@code KernelMain connection-file}. */
public final class KernelMain {
    private KernelMain() {}

    /** Runs the kernel of Lens4J. */
    public static void main(String[] args) throws Exception {
        System.exit(run(args, LensStartup.create()));
    }

    /**
     * Runs a kernel until a client ends it or its parent process is gone.
     *
     * @param args the path of the connection file
     * @return the exit code of the process
     */
    public static int run(String[] args, Startup startup) throws InterruptedException {
        PrintStream console = System.err;
        if (args.length != 1) {
            console.println("Usage: KernelMain CONNECTION_FILE. Jupyter starts it so; see the kernel.json.");
            return 2;
        }
        Logger.getLogger("").setLevel(Level.SEVERE);
        BundledKernel kernel = new BundledKernel(startup);
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(kernel), "close-kernel"));
            Connection connection =
                    new Connection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
            kernel.becomeHandlerForConnection(connection);
            connection.connect();
            Parent.fromEnvironment(System.getenv()).ifPresent(parent -> parent.whenGone(connection::end));
            connection.awaitEnd();
            connection.close();
            return 0;
        } catch (IOException e) {
            console.println("The connection file cannot be read: " + e);
            return 2;
        } catch (GeneralSecurityException | RuntimeException e) {
            console.println("The kernel cannot start: " + e);
            return 1;
        } finally {
            kernel.close();
        }
    }

    /** At the very end: what cells have started, and may have forgotten, ends with the kernel. */
    private static void end(BundledKernel kernel) {
        kernel.close();
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
    }

    /** The process that started the kernel. */
    private record Parent(ProcessHandle process) {

        static Optional<Parent> fromEnvironment(Map<String, String> environment) {
            String pid = environment.getOrDefault("JPY_PARENT_PID", "");
            return pid.matches("[1-9]\\d{0,17}")
                    ? ProcessHandle.of(Long.parseLong(pid)).map(Parent::new)
                    : Optional.empty();
        }

        /** Also for a process that is no child of this one; Java looks for it once in a while. */
        void whenGone(Runnable then) {
            Thread watch = new Thread(
                    () -> {
                        process.onExit().join();
                        then.run();
                    },
                    "parent");
            watch.setDaemon(true);
            watch.start();
        }
    }
}
