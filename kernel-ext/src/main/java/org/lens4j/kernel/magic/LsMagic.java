package org.lens4j.kernel.magic;

import java.util.function.Supplier;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %lsmagic}: all magics. */
final class LsMagic implements Command {
    private static final Usage USAGE = Usage.of("lsmagic", "", "Lists all magics by name.");

    private final Supplier<MagicTable> table;

    LsMagic(Supplier<MagicTable> table) {
        this.table = table;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "// %lsmagic only prints; it has no Java call.";
    }

    /** The name as it is written in a cell. */
    static String written(Magic magic) {
        if (!magic.takesLine()) {
            return "%%" + magic.name();
        }
        return magic.takesBody() ? "%" + magic.name() + ", %%" + magic.name() : "%" + magic.name();
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        StringColumn name = StringColumn.create("magic");
        StringColumn summary = StringColumn.create("what it does");
        for (Magic magic : table.get().all()) {
            name.append(written(magic));
            summary.append(magic.summary());
        }
        return MagicResult.shown(Renderings.bundle(TableView.of(Table.create("Magics", name, summary))));
    }
}
