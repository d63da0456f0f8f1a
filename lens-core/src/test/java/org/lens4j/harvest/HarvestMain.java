package org.lens4j.harvest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.load.Pretrained;

/** Harvests in a process of its own: corpus, folder, rows of a file. Prints tokens and resident memory as it goes. */
final class HarvestMain {
    private HarvestMain() {}

    /** Begins such a process. */
    static Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src/main/resources/org/lens4j/jvm.options").toAbsolutePath(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                HarvestMain.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] args) throws IOException {
        Pretrained demo = Harvests.demo();
        HarvestListener listener = progress -> System.out.printf("%d %d%n", progress.tokens(), resident());
        Harvest.of(demo, Corpus.of(Path.of(args[0])), Harvests.small().withShardRows(Integer.parseInt(args[2])))
                .into(Path.of(args[1]), listener);
        demo.hooked().close();
    }

    /** Kilobytes, as Linux counts them; 0 elsewhere. */
    private static long resident() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(it -> it.startsWith("VmRSS:"))
                    .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
