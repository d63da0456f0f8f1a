package org.lens4j.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.cache.ActivationCache;
import org.lens4j.cache.CacheWriter;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.ResultFile;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.kernel.session.Swept;
import org.lens4j.viz.GridFile;
import org.lens4j.viz.Rendering;

/** {@code %export FILE [$RESULT]}: writes a result, or a cache, to a file. */
final class ExportMagic implements Command {
    private static final String CACHE = ".safetensors";
    private static final Option OF =
            Option.value("NAME", "the cache to write (the latest)", "--cache").offering(Offer.Known.CACHES);
    private static final Usage USAGE = Usage.of(
                    "export",
                    "FILE [$RESULT]",
                    "Writes the latest cache to a .safetensors file, or a result to a .csv, .json, .png, .html or .txt file.")
            .example("%export heads.csv $heads")
            .offering(Offer.Known.FILES)
            .with(OF);

    private final LensSession lens;

    ExportMagic(LensSession lens) {
        this.lens = lens;
    }

    /**
     * A result as what is written.
     *
     * @param value a grid, a rendering, a cache, or anything else as a notebook shows it
     * @param java the expression for it
     */
    private record Written(Object value, String java) {
        /** The numbers of a result that is more than a grid, for other programs; readers get what a notebook shows. */
        static Written of(Object result, String name, boolean data) {
            if (data && result instanceof LogitAttribution found) {
                return new Written(found.mean(), name + ".mean()");
            }
            if (data && result instanceof PatchResult found) {
                return new Written(found.shown(), name + ".shown()");
            }
            if (data && result instanceof LogitLens seen) {
                return new Written(seen.probability(), name + ".probability()");
            }
            if (data && result instanceof LensReading reading) {
                return new Written(reading.lens().probability(), name + ".lens().probability()");
            }
            return data && result instanceof Swept swept
                    ? new Written(swept.grid(), name + ".grid()")
                    : new Written(result, name);
        }

        /** The call that writes it. */
        String call(String path) {
            if (value instanceof ActivationCache) {
                return "CacheWriter.of(%s).write(%s)".formatted(java, path);
            }
            if (value instanceof Grid) {
                return "GridFile.write(%s, %s)".formatted(java, path);
            }
            return "%s.write(%s, %s, %s)"
                    .formatted(
                            value instanceof Rendering ? "GridFile" : "ResultFile", java, JavaText.literal(java), path);
        }

        void to(Path file) throws IOException {
            if (value instanceof ActivationCache cache) {
                CacheWriter.of(cache).write(file);
            } else if (value instanceof Grid grid) {
                GridFile.write(grid, file);
            } else if (value instanceof Rendering shown) {
                GridFile.write(shown, java, file);
            } else {
                ResultFile.write(value, java, file);
            }
        }
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static Word file(Arguments arguments) {
        if (arguments.words().isEmpty() || arguments.words().size() > 2) {
            throw new UsageException(
                    "%%export takes a file and a Java variable, and was given %s. Write %%export heads.csv $heads, or %%export cache.safetensors."
                            .formatted(arguments.words()));
        }
        return arguments.words().get(0);
    }

    private static Path path(Arguments arguments) {
        String file = file(arguments).text();
        Path path;
        try {
            path = Path.of(file);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "%%export takes a file, and \"%s\" cannot be one (%s).".formatted(file, e.getReason()));
        }
        if (Files.isDirectory(path)) {
            throw new UsageException("%%export: %s is a directory. Name a file in it.".formatted(file));
        }
        return path;
    }

    private Written written(Arguments arguments) {
        boolean cached = path(arguments).toString().endsWith(CACHE);
        if (arguments.words().size() < 2) {
            if (!cached) {
                throw new UsageException(
                        "%%export needs the variable that holds the result: %%export %s $result. Magics keep theirs with -o result; a cache goes into a %s file."
                                .formatted(file(arguments), CACHE));
            }
            return arguments
                    .value(OF)
                    .map(it -> new Written(lens.cache(it.text()), "lens.cache(" + it.java() + ")"))
                    .orElseGet(() -> new Written(lens.cache(), "lens.cache()"));
        }
        Word word = arguments.words().get(1);
        Word.Variable variable = word.variable()
                .orElseThrow(() -> new UsageException(
                        "%%export takes a Java variable behind the file, not \"%s\": %%export %s $result."
                                .formatted(word, file(arguments))));
        if (arguments.has(OF)) {
            throw new UsageException("%%export: --cache and $%s are both to be written. Leave one of the two out."
                    .formatted(variable.name()));
        }
        boolean isCache = variable.value() instanceof ActivationCache;
        if (cached && !isCache) {
            throw new UsageException(
                    "%%export: a %s file holds a cache, and $%s is %s. Choose .csv, .json, .png, .html or .txt."
                            .formatted(CACHE, variable.name(), TypeNames.withArticle(variable.value())));
        }
        if (isCache && !cached) {
            throw new UsageException(
                    "%%export: $%1$s is a cache, which goes into a %2$s file and not into %3$s. Write %%export cache%2$s $%1$s, or take a grid of it."
                            .formatted(variable.name(), CACHE, file(arguments)));
        }
        return Written.of(variable.value(), variable.name(), !cached && GridFile.holdsData(path(arguments)));
    }

    @Override
    public String java(Arguments arguments) {
        return written(arguments).call("Path.of(" + file(arguments).java() + ")");
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException {
        Written written = written(arguments);
        Path file = path(arguments);
        try {
            written.to(file);
        } catch (IOException e) {
            throw new UsageException("%s could not be written (%s: %s). Choose another place."
                    .formatted(file, e.getClass().getSimpleName(), e.getMessage()));
        }
        return MagicResult.of(file, MimeBundle.text("%s: %s".formatted(file, Bytes.readable(Files.size(file)))));
    }
}
