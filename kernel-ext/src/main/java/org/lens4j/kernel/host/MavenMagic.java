package org.lens4j.kernel.host;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.magic.Arguments;
import org.lens4j.kernel.magic.Command;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.Option;
import org.lens4j.kernel.magic.Usage;
import org.lens4j.kernel.magic.Word;

/** {@code %maven GROUP:ARTIFACT:VERSION…}: cells find libraries, with what they need, where Maven finds them. */
final class MavenMagic implements Command {
    private static final Option REPOSITORY =
            Option.value("URL", "looks there too", "--repo").repeated();
    private static final Usage USAGE = Usage.of(
                    "maven",
                    "GROUP:ARTIFACT:VERSION…",
                    "Lets cells use libraries of Maven Central, with all they need. Runs Maven, which keeps its own settings.")
            .example("%maven org.apache.commons:commons-math3:3.6.1")
            .with(REPOSITORY);
    private static final Pattern COORDINATES = Pattern.compile("[\\w.-]+(:[\\w.-]+){2,4}");

    private final MavenRun maven;

    MavenMagic(MavenRun maven) {
        this.maven = maven;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "// %maven changes the kernel; it has no Java call.";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException, InterruptedException {
        List<String> wanted = arguments.texts();
        if (wanted.isEmpty()) {
            throw new UsageException("%maven takes libraries, and none was given. Write " + USAGE.example() + ".");
        }
        wanted.stream()
                .filter(it -> !COORDINATES.matcher(it).matches())
                .findFirst()
                .ifPresent(it -> {
                    throw new UsageException(
                            "%%maven was given \"%s\", which names no library. A library is GROUP:ARTIFACT:VERSION, or with its packaging and classifier GROUP:ARTIFACT:PACKAGING:CLASSIFIER:VERSION."
                                    .formatted(it));
                });
        List<String> repositories =
                arguments.values(REPOSITORY).stream().map(Word::text).toList();
        return ClassPathMagic.added(maven.classPath(wanted, repositories), host);
    }
}
