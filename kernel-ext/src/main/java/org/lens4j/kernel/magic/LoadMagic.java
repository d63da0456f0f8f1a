package org.lens4j.kernel.magic;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lens4j.config.Stacks;
import org.lens4j.error.Explained;
import org.lens4j.error.UsageException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.LoadPlan;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;

/** {@code %load demo}: loads a model. A file of Java or a notebook is run instead, as the Java kernels' own %load does. */
final class LoadMagic implements Command {
    private static final Option AS = Option.value("NAME", "calls it NAME in this session", "--as");
    private static final Usage USAGE = Usage.of(
                    "load",
                    "MODEL|SCRIPT",
                    "Loads a model: demo, a directory or checkpoint file, or a name on the Hugging Face hub. Runs a script (.jsh, .java, .ipynb).")
            .example("%load demo")
            .offering(Offer.Known.MODELS)
            .with(AS)
            .with(LoadFlags.ALL);
    private static final List<String> SCRIPTS = List.of(".jsh", ".jshell", ".java", ".ipynb");

    private final LensSession lens;

    LoadMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        if (script(one(arguments)).isPresent()) {
            return "// %load runs the cells of a script one after the other; that is no call.";
        }
        List<String> parts = new ArrayList<>();
        parts.add(arguments.words().get(0).java());
        arguments.value(AS).map(Word::java).ifPresent(parts::add);
        Optional<String> options = LoadFlags.java(arguments);
        if (isDecoder(one(arguments), arguments)) {
            options.ifPresent(parts::add);
            return "lens.load(" + String.join(", ", parts) + ")";
        }
        parts.add(options.orElse("LoadOptions.defaults()"));
        return "lens.loadModel(" + String.join(", ", parts) + ")";
    }

    /** Whether the shorter call does, which is for decoders; of a model that is not on this machine yet nobody knows. */
    private static boolean isDecoder(String name, Arguments arguments) {
        try {
            LoadOptions options = LoadFlags.options(arguments).withOffline();
            return Pretrained.config(Pretrained.files(name, options), options).stacks() instanceof Stacks.Decoder;
        } catch (RuntimeException e) {
            if (e instanceof Explained) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws Exception {
        String name = one(arguments);
        Optional<Path> script = script(name);
        if (script.isPresent()) {
            return runScript(script.get(), host);
        }
        LoadOptions options = LoadFlags.options(arguments).announcing(plan -> announce(plan, host));
        HookedModel model = arguments
                .value(AS)
                .map(alias -> lens.loadModel(name, alias.text(), options))
                .orElseGet(() -> lens.loadModel(name, options));
        return MagicResult.of(model, LensDisplays.summary(lens.report()));
    }

    /** A load that takes a while, or may not fit, says so before it begins. */
    private static void announce(LoadPlan plan, Host host) {
        if (plan.isLarge()) {
            host.display(MimeBundle.text(plan.line()));
        }
    }

    private static String one(Arguments arguments) {
        if (arguments.words().size() != 1) {
            throw new UsageException(
                    "%%load takes one model, and %d words were given: %s. Write %%load demo, or put quotes around a path with blanks."
                            .formatted(arguments.words().size(), arguments.words()));
        }
        return arguments.words().get(0).text();
    }

    private static Optional<Path> script(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        try {
            Path path = Path.of(name);
            boolean named = SCRIPTS.stream().anyMatch(lower::endsWith);
            boolean text = Files.isRegularFile(path) && !ModelFiles.isCheckpoint(name);
            return named || text ? Optional.of(path) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static MagicResult runScript(Path script, Host host) throws Exception {
        String text;
        try {
            text = Files.readString(script);
        } catch (IOException e) {
            throw new UsageException(
                    "%%load found no readable script %s (%s). Check the path; a model is loaded by its directory."
                            .formatted(script.toAbsolutePath(), e.getClass().getSimpleName()));
        }
        List<String> cells =
                script.toString().toLowerCase(Locale.ROOT).endsWith(".ipynb") ? codeCells(script, text) : List.of(text);
        Optional<Object> last = Optional.empty();
        for (String cell : cells) {
            last = host.eval(cell);
        }
        return last.map(MagicResult::of).orElseGet(MagicResult::nothing);
    }

    private static List<String> codeCells(Path script, String text) {
        try {
            JsonArray cells = JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("cells");
            return cells.asList().stream()
                    .map(JsonElement::getAsJsonObject)
                    .filter(cell -> cell.get("cell_type").getAsString().equals("code"))
                    .map(LoadMagic::source)
                    .filter(source -> !source.isBlank())
                    .toList();
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new UsageException("%s is not a Jupyter notebook of format 4. Open and save it in Jupyter."
                    .formatted(script.toAbsolutePath()));
        }
    }

    private static String source(JsonObject cell) {
        JsonElement source = cell.get("source");
        return source.isJsonArray()
                ? source.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsString)
                        .collect(java.util.stream.Collectors.joining())
                : source.getAsString();
    }
}
