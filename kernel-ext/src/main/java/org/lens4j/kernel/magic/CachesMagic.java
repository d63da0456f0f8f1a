package org.lens4j.kernel.magic;

import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %caches}: the caches of the session. */
final class CachesMagic implements Command {
    private static final Option DROP = Option.value("NAME", "frees a cache", "--drop")
            .offering(Offer.Known.CACHES)
            .repeated();
    private static final Usage USAGE = Usage.of(
                    "caches", "", "Lists the caches of the session, the latest with a star. Frees them.")
            .example("%caches --drop cache")
            .with(DROP);

    private final LensSession lens;

    CachesMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static void check(Arguments arguments) {
        if (!arguments.words().isEmpty()) {
            throw new UsageException(
                    "%%caches takes options only, and was given %s. A cache's activations are listed by lens.cache(\"%s\")."
                            .formatted(arguments.words(), arguments.words().get(0)));
        }
    }

    @Override
    public String java(Arguments arguments) {
        check(arguments);
        return arguments.values(DROP).stream()
                .map(it -> ".drop(%s)".formatted(it.java()))
                .collect(Collectors.joining("", "lens", ".caches()"));
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        check(arguments);
        List<String> dropped =
                arguments.values(DROP).stream().map(Word::text).distinct().toList();
        dropped.forEach(lens::cache);
        dropped.forEach(lens::drop);
        List<String> names = lens.caches();
        return names.isEmpty()
                ? MagicResult.of(
                        names, MimeBundle.text("Nothing is cached. Cache something: %cache blocks.*.hook_resid_post"))
                : MagicResult.of(names, Renderings.bundle(TableView.of(table(names))));
    }

    private Table table(List<String> names) {
        StringColumn name = StringColumn.create("name");
        IntColumn activations = IntColumn.create("activations");
        StringColumn tokens = StringColumn.create("of");
        StringColumn memory = StringColumn.create("memory");
        StringColumn file = StringColumn.create("temporary file");
        for (String each : names) {
            ActivationCache cache = lens.cache(each);
            name.append(cache == lens.cache() ? each + " *" : each);
            activations.append(cache.size());
            tokens.append("%d × %d tokens"
                    .formatted(cache.tokens().batch(), cache.tokens().pos()));
            memory.append(Bytes.readable(cache.bytes()));
            file.append(cache.spilledBytes() == 0 ? "" : Bytes.readable(cache.spilledBytes()));
        }
        Table table = Table.create("Caches of this session", name, activations, tokens, memory);
        return names.stream().anyMatch(it -> lens.cache(it).spilledBytes() > 0) ? table.addColumns(file) : table;
    }
}
