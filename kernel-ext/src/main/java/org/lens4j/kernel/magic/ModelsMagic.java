package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Locale;
import org.lens4j.error.UsageException;
import org.lens4j.hub.Aliases;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.load.LoadReport;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %models}: the models of the session, and which names can be loaded. */
final class ModelsMagic implements Command {
    private static final Option USE = Option.value("NAME", "makes a loaded model the current one", "--use")
            .offering(Offer.Known.LOADED);
    private static final Option KNOWN =
            Option.value("TEXT", "lists the short names %load knows with TEXT in them; \"\" for all", "--known");
    private static final Usage USAGE = Usage.of(
                    "models",
                    "",
                    "Lists the loaded models, the current one with a star. Chooses one, or lists short names to load.")
            .example("%models --known pythia")
            .with(USE, KNOWN);

    private final LensSession lens;

    ModelsMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static void check(Arguments arguments) {
        if (!arguments.words().isEmpty()) {
            throw new UsageException("%%models takes options only, and was given %s. To choose a model write --use %s."
                    .formatted(arguments.words(), arguments.words().get(0)));
        }
        if (arguments.has(USE) && arguments.has(KNOWN)) {
            throw new UsageException("%models: --use is for loaded models, --known for names to load. Leave one out.");
        }
    }

    @Override
    public String java(Arguments arguments) {
        check(arguments);
        return arguments
                .value(KNOWN)
                .map(it ->
                        "Aliases.read().names().stream().filter(it -> it.contains(%s)).toList()".formatted(it.java()))
                .orElseGet(() -> "lens%s.models()"
                        .formatted(arguments
                                .value(USE)
                                .map(it -> ".use(%s)".formatted(it.java()))
                                .orElse("")));
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        check(arguments);
        if (arguments.has(KNOWN)) {
            String part = arguments.value(KNOWN).orElseThrow().text();
            List<String> names = Aliases.read().names().stream()
                    .filter(it -> it.contains(part))
                    .toList();
            return MagicResult.of(names, list("Names to load", names));
        }
        arguments.value(USE).ifPresent(it -> lens.use(it.text()));
        List<String> names = lens.models();
        return names.isEmpty()
                ? MagicResult.of(names, MimeBundle.text("No model is loaded. Load one: %load demo"))
                : MagicResult.of(names, Renderings.bundle(TableView.of(table(names))));
    }

    private static MimeBundle list(String title, List<String> names) {
        return Renderings.bundle(TableView.of(Table.create(title, StringColumn.create("name", names))));
    }

    private Table table(List<String> names) {
        StringColumn name = StringColumn.create("name");
        StringColumn architecture = StringColumn.create("architecture");
        StringColumn shape = StringColumn.create("layers × heads × d_model");
        StringColumn parameters = StringColumn.create("parameters");
        StringColumn memory = StringColumn.create("memory");
        for (String each : names) {
            Pretrained loaded = lens.loaded(each);
            HookedModel model = loaded.hooked();
            LoadReport report = loaded.report();
            name.append(lens.current().filter(each::equals).isPresent() ? each + " *" : each);
            architecture.append(report.family());
            shape.append("%d × %d × %d"
                    .formatted(
                            model.config().nLayers(),
                            model.config().nHeads(),
                            model.config().dModel()));
            parameters.append(String.format(Locale.ROOT, "%,d", report.parameters()));
            memory.append(Bytes.readable(report.tensors().copied()));
        }
        return Table.create("Models of this session", name, architecture, shape, parameters, memory);
    }
}
