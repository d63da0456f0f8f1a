package org.lens4j.kernel.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What decides where Jupyter's directories are.
 *
 * @param environment the environment variables
 * @param system the kind of operating system
 * @param home the user's home directory
 * @param python the command that runs Python
 */
public record Surroundings(Map<String, String> environment, Platform system, Path home, List<String> python) {
    private static final long PYTHON_SECONDS = 10;

    /** The operating systems Jupyter tells apart. */
    public enum Platform {
        MAC,
        WINDOWS,
        OTHER
    }

    public Surroundings {
        environment = Map.copyOf(environment);
        python = List.copyOf(python);
    }

    /** Those of this process. */
    public static Surroundings here() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        Platform system =
                name.startsWith("mac") ? Platform.MAC : name.startsWith("windows") ? Platform.WINDOWS : Platform.OTHER;
        Path home = Path.of(System.getProperty("user.home"));
        return new Surroundings(System.getenv(), system, home, List.of("python3"));
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** What Python calls sys.prefix; empty where there is no Python. */
    Optional<String> pythonPrefix() {
        List<String> command = new ArrayList<>(python);
        command.addAll(List.of("-c", "import sys; print(sys.prefix)"));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            boolean ended = process.waitFor(PYTHON_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            return ended && !answer.isEmpty() ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
