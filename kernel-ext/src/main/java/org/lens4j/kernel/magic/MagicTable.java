package org.lens4j.kernel.magic;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;

/** The magics of a kernel, by name. */
public final class MagicTable {
    private final Map<String, Magic> byName;

    private MagicTable(Map<String, Magic> byName) {
        this.byName = byName;
    }

    /** A table of these magics. Two of one name are a mistake. */
    public static MagicTable of(Collection<? extends Magic> magics) {
        Map<String, Magic> byName = new TreeMap<>();
        for (Magic magic : magics) {
            Magic other = byName.put(magic.name(), magic);
            if (other != null) {
                throw new IllegalArgumentException("Two magics are named %%%s: %s and %s. Rename one."
                        .formatted(
                                magic.name(),
                                other.getClass().getName(),
                                magic.getClass().getName()));
            }
        }
        return new MagicTable(Collections.unmodifiableMap(byName));
    }

    /** A table of these magics. */
    public static MagicTable of(Magic... magics) {
        return of(List.of(magics));
    }

    /** All magics, by name. */
    public List<Magic> all() {
        return List.copyOf(byName.values());
    }

    /** The magic of this name, where there is one. */
    public Optional<Magic> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The magic of this name; otherwise an error that names the closest three. */
    public Magic get(String name) {
        return find(name)
                .orElseThrow(() -> UnknownNameException.of(
                        "magic", "%" + name, "this kernel", withPercent(), "List them with %lsmagic."));
    }

    /** Runs one call. */
    public MagicResult run(MagicCall call, Host host) throws Exception {
        Magic magic = get(call.name());
        if (call.body().isPresent() && !magic.takesBody()) {
            throw new UsageException(
                    "%%%%%1$s was asked to take the rest of the cell, but %%%1$s takes one line. Write %%%1$s on a line of its own; usage: %%%1$s --help."
                            .formatted(call.name()));
        }
        if (call.body().isEmpty() && !magic.takesLine()) {
            throw new UsageException(
                    "%%%1$s takes the rest of its cell. Write %%%%%1$s as the first line of a cell, and what it is to run below; usage: %%help %1$s."
                            .formatted(call.name()));
        }
        return magic.run(call, host);
    }

    private List<String> withPercent() {
        return byName.keySet().stream().map(name -> "%" + name).toList();
    }
}
