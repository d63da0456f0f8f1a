package org.lens4j.kernel.magic;

import java.util.function.Supplier;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %lsmagic}: all magics. */
final class LsMagic implements Command {
    private final Supplier<MagicTable> table;

    LsMagic(Supplier<MagicTable> table) {
        this.table = table;
    }

    @Override
    public String name() {
        return "lsmagic";
    }

    @Override
    public String summary() {
        return "Lists all magics.";
    }

    @Override
    public String form() {
        return "";
    }

    @Override
    public String example() {
        return "%lsmagic";
    }

    @Override
    public String java(Arguments arguments) {
        return "// %lsmagic only prints; it has no Java call.";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        StringColumn name = StringColumn.create("magic");
        StringColumn summary = StringColumn.create("what it does");
        for (Magic magic : table.get().all()) {
            name.append((magic.takesBody() ? "%" + magic.name() + ", %%" : "%") + magic.name());
            summary.append(magic.summary());
        }
        return MagicResult.shown(Renderings.bundle(TableView.of(Table.create("Magics", name, summary))));
    }
}
