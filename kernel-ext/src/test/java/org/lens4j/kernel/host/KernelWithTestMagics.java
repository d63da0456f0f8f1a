package org.lens4j.kernel.host;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.lens4j.error.RangeException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.Magic;
import org.lens4j.kernel.magic.MagicCall;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.MagicTable;

/** A kernel process for the tests: every ability of a host has a magic that uses it. */
public final class KernelWithTestMagics {
    /** The environment variable that names a file for notes about the kernel's end. */
    public static final String END_FILE = "LENS4J_TEST_END_FILE";

    private KernelWithTestMagics() {}

    private interface Body {
        MagicResult run(MagicCall call, Host host) throws Exception;
    }

    private record Simple(String name, Body body) implements Magic {
        @Override
        public String summary() {
            return "tests " + name;
        }

        @Override
        public String usage() {
            return "%" + name + " [ARG]…";
        }

        @Override
        public boolean takesBody() {
            return name.equals("echo");
        }

        @Override
        public List<String> complete(List<String> args) {
            String word = args.get(args.size() - 1);
            return List.of("gpt2", "gpt-neo-125m", "demo").stream()
                    .filter(w -> w.startsWith(word))
                    .toList();
        }

        @Override
        public MagicResult run(MagicCall call, Host host) throws Exception {
            return body.run(call, host);
        }
    }

    private static MagicResult endless(Host host) throws InterruptedException {
        while (true) {
            host.stopIfInterrupted();
            Thread.onSpinWait();
        }
    }

    private static MagicResult updating(Host host) {
        String id = host.displayUpdatable(MimeBundle.text("0 %"));
        host.update(id, MimeBundle.text("100 %"));
        return MagicResult.nothing();
    }

    static Startup startup() {
        AtomicInteger closed = new AtomicInteger();
        MagicTable magics = MagicTable.of(
                new Simple(
                        "echo",
                        (call, host) -> MagicResult.of(
                                call.args(),
                                MimeBundle.text(call.rest()
                                        + call.body().map(b -> "|" + b).orElse("")))),
                new Simple("numbers", (call, host) -> MagicResult.of(List.of(1, 2, 3))),
                new Simple(
                        "picture", (call, host) -> MagicResult.of(new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB))),
                new Simple("quiet", (call, host) -> MagicResult.nothing()),
                new Simple("layer", (call, host) -> {
                    throw new RangeException("demo has no layer 7: it has 4 layers, 0 to 3.");
                }),
                new Simple("broken", (call, host) -> {
                    throw new IllegalStateException("a bug", new IOException("the disk"));
                }),
                new Simple("define", (call, host) -> {
                    host.define("given", "java.util.Map<String, Integer>", Map.of("a", 1));
                    return MagicResult.nothing();
                }),
                new Simple(
                        "sum",
                        (call, host) -> MagicResult.of(host.eval("a + b").orElseThrow() + ":"
                                + host.variable("a").orElseThrow())),
                new Simple("endless", (call, host) -> endless(host)),
                new Simple("progress", (call, host) -> updating(host)));
        return Startup.plain(magics)
                .withImport("org.lens4j.kernel.display.*")
                .with("counter", "java.util.concurrent.atomic.AtomicInteger", closed)
                .onClose(() -> noteEnd(closed.incrementAndGet()));
    }

    /** Adds a line to the file the test named, so that it can count the ends. */
    private static void noteEnd(int times) {
        String file = System.getenv(END_FILE);
        if (file != null) {
            try {
                Files.writeString(Path.of(file), "end " + times + "\n", CREATE, APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException("The end cannot be noted: " + e.getMessage(), e);
            }
        }
    }

    public static void main(String[] args) throws InterruptedException {
        System.exit(KernelMain.run(args, startup()));
    }
}
