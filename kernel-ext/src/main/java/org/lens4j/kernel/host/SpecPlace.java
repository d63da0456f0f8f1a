package org.lens4j.kernel.host;

import java.nio.file.Path;
import java.util.Optional;
import org.lens4j.error.UsageException;

/** Where in Jupyter's directories a kernel is installed. */
public sealed interface SpecPlace {

    /** For this user, in every Jupyter. */
    static SpecPlace user() {
        return new User();
    }

    /** For the Python environment that is active. */
    static SpecPlace sysPrefix() {
        return new SysPrefix();
    }

    /** Under a directory such as {@code /usr/local} or an environment's root. */
    static SpecPlace prefix(Path directory) {
        return new Prefix(directory);
    }

    /** The directory that holds the kernels there. */
    Path kernels(Surroundings here);

    /** For this user, in every Jupyter. */
    record User() implements SpecPlace {
        @Override
        public Path kernels(Surroundings here) {
            return dataDirectory(here).resolve("kernels");
        }

        private static Path dataDirectory(Surroundings here) {
            Optional<String> chosen = here.variable("JUPYTER_DATA_DIR");
            if (chosen.isPresent()) {
                return Path.of(chosen.get());
            }
            return switch (here.system()) {
                case MAC -> here.home().resolve("Library/Jupyter");
                case WINDOWS ->
                    here.variable("APPDATA")
                            .map(Path::of)
                            .orElse(here.home().resolve("AppData/Roaming"))
                            .resolve("jupyter");
                case OTHER ->
                    here.variable("XDG_DATA_HOME")
                            .map(Path::of)
                            .orElse(here.home().resolve(".local/share"))
                            .resolve("jupyter");
            };
        }
    }

    /** For the Python environment that is active. */
    record SysPrefix() implements SpecPlace {
        @Override
        public Path kernels(Surroundings here) {
            return here.variable("VIRTUAL_ENV")
                    .or(() -> here.variable("CONDA_PREFIX"))
                    .or(here::pythonPrefix)
                    .map(prefix -> underPrefix(Path.of(prefix)))
                    .orElseThrow(
                            () -> new UsageException(
                                    "--sys-prefix means the active Python environment, but VIRTUAL_ENV and CONDA_PREFIX are not set and python3 does not run. Activate one, or use --user or --prefix DIR."));
        }
    }

    /** Under a directory such as {@code /usr/local}. */
    record Prefix(Path directory) implements SpecPlace {
        @Override
        public Path kernels(Surroundings here) {
            return underPrefix(directory);
        }
    }

    private static Path underPrefix(Path prefix) {
        return prefix.resolve("share").resolve("jupyter").resolve("kernels");
    }
}
