package org.lens4j.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.PlatformException;

/**
 * Starts libtorch once for the process. Sets what DJL reads at its start: no downloads, no usage ping, as many threads as
 * the machine has real cores. The settings come from the one list every entry point uses, {@code jvm.options}; what the
 * JVM was started with wins.
 */
public final class NativeLibrary {
    /** The list of JVM options, one to a line, {@code #} for comments. */
    public static final String JVM_OPTIONS = "/org/lens4j/jvm.options";

    private static final String THREADS = "ai.djl.pytorch.num_threads";
    private static final String SUPPORTED =
            "Lens4J runs on Linux x86-64, Linux arm64, macOS on Apple silicon and Windows x86-64.";

    private NativeLibrary() {}

    /**
     * Loads the native library if it is not loaded yet.
     *
     * @return a new manager, owned by the caller
     * @throws PlatformException if there is no native library for this machine, or it does not load
     */
    public static NDManager start() {
        return Holder.OUTCOME.engine().newBaseManager();
    }

    /**
     * Loads the native library if it is not loaded yet.
     *
     * @throws PlatformException as {@link #start()}
     */
    static void require() {
        Holder.OUTCOME.engine();
    }

    /**
     * What the environment of a process that runs models should say. It is read when libraries are loaded, so only the process
     * that starts ours can set it: the launcher (which repeats it) and the kernel's entry in Jupyter.
     *
     * <ul>
     *   <li>libtorch's threads wait asleep, not spinning: on a busy machine spinning made small steps 20 times slower.
     *   <li>Memory comes in large pages where Linux has them: logits of 128 tokens, 26 MB, are given back after each run, and
     *       fetching them again page by page took 6,284 page faults, a twentieth of a forward pass of GPT-2 small.
     * </ul>
     */
    public static Map<String, String> environment() {
        return Map.of("OMP_WAIT_POLICY", "PASSIVE", "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    }

    /** The JVM options every entry point starts with, without comments. */
    public static List<String> jvmOptions() {
        try (InputStream in = Optional.ofNullable(NativeLibrary.class.getResourceAsStream(JVM_OPTIONS))
                        .orElseThrow(() -> new IllegalStateException(JVM_OPTIONS + " is missing from the jar."));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The classifier of the native library for an operating system and processor, as Maven Central publishes it.
     *
     * @param os the value of {@code os.name}
     * @param arch the value of {@code os.arch}
     * @throws PlatformException if there is none; says which machines work
     */
    public static String classifier(String os, String arch) {
        String system = os.toLowerCase(Locale.ROOT);
        boolean arm = arch.equals("aarch64") || arch.equals("arm64");
        boolean intel = arch.equals("amd64") || arch.equals("x86_64");
        if (system.startsWith("linux") && (arm || intel)) {
            return arm ? "linux-aarch64" : "linux-x86_64";
        }
        if (system.startsWith("mac") && arm) {
            return "osx-aarch64";
        }
        if (system.startsWith("windows") && intel) {
            return "win-x86_64";
        }
        throw new PlatformException(
                "PyTorch's native library is not published for %s on %s. %s Use one of those machines."
                        .formatted(os, arch, SUPPORTED));
    }

    /** Work that may fail to write a file. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws IOException;
    }

    /**
     * Does something with operators on one thread, and puts the number of threads back afterwards. Sums that are split over
     * threads come out differently in their last bits; this makes a computation repeatable.
     *
     * @throws IOException what the work throws
     */
    public static void onOneThread(Work work) throws IOException {
        start().close();
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(1);
        try {
            work.run();
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    private static Engine load() {
        String classifier = classifier(System.getProperty("os.name"), System.getProperty("os.arch"));
        for (String option : jvmOptions()) {
            if (option.startsWith("-D")) {
                String[] pair = option.substring(2).split("=", 2);
                setIfAbsent(pair[0], pair.length == 2 ? pair[1] : "");
            }
        }
        setIfAbsent(THREADS, Integer.toString(realCores()));
        if (NativeLibrary.class.getResource("/pytorch/cpu/" + classifier) == null
                && System.getenv("PYTORCH_LIBRARY_PATH") == null) {
            throw new PlatformException("The class path has no PyTorch native library for %s. Add".formatted(classifier)
                    + " ai.djl.pytorch:pytorch-native-cpu with the classifier %s, or rebuild Lens4J on this machine."
                            .formatted(classifier));
        }
        try {
            return Engine.getEngine("PyTorch");
        } catch (RuntimeException | LinkageError e) {
            throw new PlatformException(
                    "PyTorch's native library for %s did not load: %s. It is unpacked to %s; is there space, and may it be written?"
                            .formatted(classifier, e.getMessage(), ai.djl.util.Utils.getEngineCacheDir()),
                    e);
        }
    }

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** Processors that are not hyper-threads of each other, as far as this process may use them. */
    static int realCores() {
        int usable = Runtime.getRuntime().availableProcessors();
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuinfo)) {
            return usable;
        }
        try {
            long cores = coreIds(Files.readAllLines(cpuinfo));
            return cores == 0 ? usable : (int) Math.min(usable, cores);
        } catch (IOException e) {
            return usable;
        }
    }

    /** Counts distinct (physical id, core id) pairs; 0 where the file does not tell. */
    static long coreIds(List<String> cpuinfo) {
        String socket = "";
        java.util.Set<String> seen = new java.util.HashSet<>();
        for (String line : cpuinfo) {
            if (line.startsWith("physical id")) {
                socket = line.substring(line.indexOf(':') + 1).strip();
            } else if (line.startsWith("core id")) {
                seen.add(socket + "/" + line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return seen.size();
    }

    /** Loads on first use, once. */
    private static final class Holder {
        static final Outcome OUTCOME = attempt();

        private static Outcome attempt() {
            try {
                return new Outcome(Optional.of(load()), Optional.empty());
            } catch (PlatformException e) {
                return new Outcome(Optional.empty(), Optional.of(e));
            }
        }
    }

    /** The engine, or why there is none: the same sentence at every use. */
    private record Outcome(Optional<Engine> loaded, Optional<PlatformException> failure) {
        Engine engine() {
            failure.ifPresent(e -> {
                throw e;
            });
            return loaded.orElseThrow();
        }
    }
}
