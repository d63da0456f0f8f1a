package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real {@code lens} script in a checkout of its own, with a Maven and a Java that only say that they were called. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a bash script")
class LauncherTest {
    private static final String MAVEN = """
            #!/usr/bin/env bash
            echo "$PWD $*" >>"$CALLS"
            mkdir -p kernel-ext/target/lib lens-core/target/classes
            echo jar >kernel-ext/target/kernel-ext-1.jar
            echo lib >kernel-ext/target/lib/lens-core-1.jar
            case ${MAVEN_DOES:-} in
              fail) echo 'COMPILATION ERROR'; exit 1 ;;
              cut) kill -9 $PPID; exit 1 ;;
            esac
            """;
    private static final String JAVA = "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\"\n";

    private Path temp = Path.of("");
    private Path checkout = Path.of("");
    private Path jdk = Path.of("");
    private final Map<String, String> environment = new HashMap<>();

    /** What the launcher printed and how it ended. */
    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void make_a_checkout(@TempDir Path folder) throws IOException {
        temp = folder.toRealPath();
        checkout = temp.resolve("a checkout");
        for (String file : List.of(
                "pom.xml",
                "lens-core/pom.xml",
                "kernel-ext/pom.xml",
                "kernel-ext/src/main/java/A.java",
                "lens-core/src/main/resources/org/lens4j/jvm.options")) {
            Path path = checkout.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, "");
        }
        Files.createDirectories(checkout.resolve(".mvn"));
        Path script = Path.of(System.getProperty("lens.home")).resolve("lens");
        executable(checkout.resolve("lens"), Files.readString(script));
        executable(temp.resolve("bin/mvn"), MAVEN);
        jdk = jdk("jdk", "17.0.1", "java.base jdk.jshell jdk.compiler");
        environment.put("PATH", temp.resolve("bin") + ":/usr/local/bin:/usr/bin:/bin");
        environment.put("JAVA_HOME", jdk.toString());
        environment.put("CALLS", temp.resolve("calls").toString());
    }

    private Path jdk(String name, String version, String modules) throws IOException {
        Path home = temp.resolve(name);
        executable(home.resolve("bin/java"), JAVA);
        executable(home.resolve("bin/javac"), JAVA);
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"%s\"\nMODULES=\"%s\"\n".formatted(version, modules));
        return home;
    }

    private static void executable(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Ended lens(String... words) throws IOException, InterruptedException {
        return ended(start(checkout.resolve("lens"), words));
    }

    private Process start(Path script, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Path err = Files.createTempFile(temp, "err", "");
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        errors.put(process, err);
        return process;
    }

    private final Map<Process, Path> errors = new HashMap<>();

    private Ended ended(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out, Files.readString(errors.getOrDefault(process, temp)));
    }

    private long builds() throws IOException {
        Path calls = temp.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private static void later(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
    }

    @Test
    void first_start_builds_and_hands_every_word_to_java() throws Exception {
        Ended ended = lens("run", "my notebook.ipynb", "--out", "");
        assertThat(ended.code()).isZero();
        assertThat(ended.err()).startsWith("lens: building.").hasLineCount(1);
        assertThat(Files.readAllLines(temp.resolve("calls")))
                .singleElement()
                .asString()
                .startsWith(checkout + " -B -q ")
                .contains("-Dmaven.test.skip")
                .endsWith(" package");
        String classPath = checkout.resolve("kernel-ext/target/kernel-ext-1.jar") + ":"
                + checkout.resolve("kernel-ext/target/lib") + "/*";
        assertThat(ended.out().lines())
                .containsExactly(
                        "@" + checkout.resolve("lens-core/src/main/resources/org/lens4j/jvm.options"),
                        "-Dlens.terminal=false",
                        "-Dlens.home=" + checkout,
                        "-Dlens.class.path=" + classPath,
                        "-cp",
                        classPath,
                        "org.lens4j.cli.Main",
                        "run",
                        "my notebook.ipynb",
                        "--out",
                        "");
    }

    @Test
    void second_start_builds_nothing_and_says_nothing() throws Exception {
        lens("--version");
        Ended second = lens("--version");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pom.xml",
                "kernel-ext/pom.xml",
                "kernel-ext/src/main/java/A.java",
                "lens-core/src/main/resources/org/lens4j/jvm.options"
            })
    void whatever_changed_is_built(String file) throws Exception {
        lens("--version");
        later(checkout.resolve(file));
        assertThat(lens("--version").err()).startsWith("lens: building, since sources have changed");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void removed_source_is_noticed() throws Exception {
        lens("--version");
        Files.delete(checkout.resolve("kernel-ext/src/main/java/A.java"));
        lens("--version");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void missing_jar_and_a_jar_of_somebody_elses_build_are_built_again() throws Exception {
        lens("--version");
        Path jar = checkout.resolve("kernel-ext/target/kernel-ext-1.jar");
        Files.delete(jar);
        lens("--version");
        assertThat(builds()).isEqualTo(2);
        later(jar);
        lens("--version");
        assertThat(builds()).isEqualTo(3);
    }

    @Test
    void old_libraries_go_when_a_pom_changes() throws Exception {
        lens("--version");
        Path old = Files.writeString(checkout.resolve("kernel-ext/target/lib/gson-1.jar"), "old");
        later(checkout.resolve("pom.xml"));
        lens("--version");
        assertThat(old).doesNotExist();
    }

    @Test
    void failed_build_shows_what_maven_said_and_is_not_taken_for_good() throws Exception {
        environment.put("MAVEN_DOES", "fail");
        Ended failed = lens("--version");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err()).contains("the build failed").contains("COMPILATION ERROR");
        environment.remove("MAVEN_DOES");
        assertThat(lens("--version").code()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void build_that_was_cut_off_leaves_nothing_that_counts() throws Exception {
        environment.put("MAVEN_DOES", "cut");
        assertThat(lens("--version").code()).isEqualTo(137);
        Path stale = Files.writeString(checkout.resolve("lens-core/target/classes/Half.class"), "");
        environment.remove("MAVEN_DOES");
        assertThat(lens("--version").code()).isZero();
        assertThat(builds()).isEqualTo(2);
        assertThat(stale).doesNotExist();
    }

    @Test
    void two_at_once_build_once() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "no flock here");
        Process one = start(checkout.resolve("lens"), "--version");
        Process two = start(checkout.resolve("lens"), "--version");
        assertThat(ended(one).code()).isZero();
        assertThat(ended(two).code()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void symlinks_lead_to_the_checkout() throws Exception {
        Path first = Files.createSymbolicLink(temp.resolve("first link"), Path.of("a checkout/lens"));
        Path second = Files.createSymbolicLink(temp.resolve("bin/lens"), first);
        assertThat(ended(start(second, "--help")).out()).contains("-Dlens.home=" + checkout);
    }

    @Test
    void java_on_the_path_is_used_where_java_home_will_not_do() throws Exception {
        Path old = jdk("old", "11.0.2", "java.base jdk.jshell");
        Files.createSymbolicLink(temp.resolve("bin/java"), jdk.resolve("bin/java"));
        environment.put("JAVA_HOME", old.toString());
        Ended ended = lens("--version");
        assertThat(ended.code()).isZero();
        assertThat(ended.err().lines())
                .first()
                .isEqualTo("lens: JAVA_HOME: %s is Java 11.0.2, older than 17. Using %s instead.".formatted(old, jdk));
    }

    @Test
    void machine_without_a_jdk_is_told_what_to_install() throws Exception {
        Path runtime = jdk("runtime", "21.0.1", "java.base java.desktop");
        Path tools = temp.resolve("tools");
        for (String tool : List.of("bash", "env", "readlink", "sed")) {
            String found = Files.exists(Path.of("/usr/bin", tool)) ? "/usr/bin/" : "/bin/";
            executable(tools.resolve(tool), "#!/bin/sh\nexec %s%s \"$@\"\n".formatted(found, tool));
        }
        environment.put("PATH", tools.toString());
        environment.put("JAVA_HOME", runtime.toString());
        Ended ended = lens("--version");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("lens: Lens4J needs a JDK 17 or newer, with jshell and javac. JAVA_HOME: " + runtime
                        + " has no jshell: it is not a full JDK. PATH: there is no java.")
                .contains("apt-get install openjdk-17-jdk-headless");
        assertThat(builds()).isZero();
    }
}
