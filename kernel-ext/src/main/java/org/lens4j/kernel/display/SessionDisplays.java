package org.lens4j.kernel.display;

import java.util.List;
import org.lens4j.cache.CachePlan;
import org.lens4j.kernel.session.MemoryUse;
import org.lens4j.kernel.session.Swept;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** How what a session holds, and what a run will take, look in a notebook. */
final class SessionDisplays {
    private SessionDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(MemoryUse.class, SessionDisplays::memory)
                .with(CachePlan.class, it -> Renderings.bundle(TableView.of(table(it))))
                .with(Swept.class, SweepTable::of);
    }

    private static MimeBundle memory(MemoryUse use) {
        StringColumn kind = StringColumn.create("kind");
        StringColumn name = StringColumn.create("name");
        StringColumn memory = StringColumn.create("in memory");
        StringColumn file = StringColumn.create("left in files");
        for (MemoryUse.Held each : use.held()) {
            kind.append(each.kind());
            name.append(each.name());
            memory.append(Bytes.readable(each.memory()));
            file.append(Bytes.readable(each.file()));
        }
        Table table = Table.create(
                "Held by this session: %s of native memory".formatted(Bytes.readable(use.memory())),
                kind,
                name,
                memory,
                file);
        String rest = "Java heap: %s of %s. Free on this machine: %s."
                .formatted(Bytes.readable(use.heapUsed()), Bytes.readable(use.heapMost()), Bytes.readable(use.free()));
        return Renderings.noted(TableView.of(table), List.of(rest));
    }

    static Table table(CachePlan plan) {
        StringColumn name = StringColumn.create("hook_point");
        StringColumn shape = StringColumn.create("shape");
        StringColumn size = StringColumn.create("memory");
        for (CachePlan.Planned each : plan.activations()) {
            name.append(each.name().full());
            shape.append(each.name().point().axes().describe(each.shape()));
            size.append(Bytes.readable(each.bytes()));
        }
        String title = "%d activations of %d × %d tokens: %s, about %s at the peak, %s for each token"
                .formatted(
                        plan.activations().size(),
                        plan.batch(),
                        plan.pos(),
                        Bytes.readable(plan.bytes()),
                        Bytes.readable(plan.peakBytes()),
                        Bytes.readable(plan.bytesPerToken()));
        return Table.create(title, name, shape, size);
    }
}
