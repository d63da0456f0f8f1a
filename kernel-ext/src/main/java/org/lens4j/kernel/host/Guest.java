package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.magic.Magic;
import org.lens4j.kernel.magic.MagicCall;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.MagicTable;

/** Lens4J inside a kernel that is not ours: what a bundled kernel begins with, brought into its session. */
final class Guest implements AutoCloseable {
    /** The code IJava makes of a magic names these two by their short names, which java.awt.* would make ambiguous. */
    private static final List<String> NAMED_BY_THE_KERNEL = List.of("java.util.List", "java.util.Base64");

    private final ForeignKernel kernel;
    private final Startup startup;
    private final ForeignHost host;
    private final CellApi api;

    private Guest(ForeignKernel kernel, Startup startup) {
        this.kernel = kernel;
        this.startup = startup;
        this.host = new ForeignHost(kernel, startup.displays());
        this.api = new CellApi(host, startup.magics());
    }

    /**
     * Brings everything a startup holds into a kernel: imports, variables, magics, and how values look.
     *
     * @throws Exception whatever the kernel makes of an import that fails
     */
    static Guest install(ForeignKernel kernel, Startup startup) throws Exception {
        Guest guest = new Guest(kernel, startup);
        startup.onOpen().accept(guest.host);
        guest.declare();
        startup.displays().types().forEach(type -> guest.render(type, startup.displays()));
        startup.magics().all().forEach(guest::register);
        Set<String> names = startup.magics().all().stream().map(Magic::name).collect(Collectors.toSet());
        kernel.read(new MagicText(names));
        return guest;
    }

    private void declare() throws Exception {
        List<String> imports = new ArrayList<>(NAMED_BY_THE_KERNEL);
        imports.addAll(startup.imports());
        kernel.eval(imports.stream().map(it -> "import " + it + ";").collect(Collectors.joining("\n")));
        for (Startup.Variable variable : startup.variables()) {
            host.define(variable.name(), variable.javaType(), variable.value());
        }
    }

    private <T> void render(Class<T> type, Displays displays) {
        kernel.render(type, displays::of);
    }

    private void register(Magic magic) {
        kernel.register(magic.name(), (args, body) -> call(magic.name(), args, body));
        if (magic.takesBody()) {
            kernel.registerForCells(magic.name(), (args, body) -> call(magic.name(), args, body));
        }
    }

    /** A call by way of the kernel's registry, which has split the line already. */
    private @Nullable Object call(String name, List<String> args, Optional<String> body) throws Exception {
        MagicTable magics = startup.magics();
        MagicResult result = magics.run(new MagicCall(name, args, written(args), body), host);
        if (!kernel.showsValues() || result.value().isEmpty()) {
            result.shown().or(() -> result.value().map(startup.displays()::of)).ifPresent(host::display);
        }
        return result.value().orElse(null);
    }

    /** Arguments as they may have been written: the kernel has taken the quotes away. */
    private static String written(List<String> args) {
        return args.stream()
                .map(it -> it.isEmpty() || it.chars().anyMatch(Character::isWhitespace)
                        ? (it.contains("\"") ? "'" + it + "'" : "\"" + it + "\"")
                        : it)
                .collect(Collectors.joining(" "));
    }

    ForeignHost host() {
        return host;
    }

    CellApi api() {
        return api;
    }

    /** Runs what the startup wants done at the end. */
    @Override
    public void close() {
        startup.onClose().run();
    }
}
