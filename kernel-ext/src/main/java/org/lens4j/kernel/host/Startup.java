package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicTable;

/**
 * What a bundled kernel begins with.
 *
 * <pre>{@code Startup.plain(magics).withImport("org.lens4j.*").with("lens", "org.lens4j.kernel.session.LensSession", lens)}</pre>
 *
 * @param imports as in {@code import java.util.*;}, without the word and the semicolon
 * @param variables variables that exist before the first cell
 * @param magics the words after {@code %}
 * @param displays how values look
 * @param glossary what is known of names in texts
 * @param onOpen given the host once, before the first cell
 * @param onClose run once when the kernel ends, whatever ends it
 */
public record Startup(
        List<String> imports,
        List<Variable> variables,
        MagicTable magics,
        Displays displays,
        Glossary glossary,
        Consumer<Host> onOpen,
        Runnable onClose) {

    /** A variable that exists before the first cell; {@code javaType} is its type as Java code. */
    public record Variable(String name, String javaType, Object value) {}

    private static final List<String> USUAL = List.of(
            "java.io.*",
            "java.math.*",
            "java.net.*",
            "java.nio.file.*",
            "java.time.*",
            "java.util.*",
            "java.util.concurrent.*",
            "java.util.function.*",
            "java.util.regex.*",
            "java.util.stream.*");

    public Startup {
        imports = List.copyOf(imports);
        variables = List.copyOf(variables);
    }

    /** JShell's usual imports, these magics, and nothing else. */
    public static Startup plain(MagicTable magics) {
        return new Startup(USUAL, List.of(), magics, Displays.standard(), Glossary.none(), host -> {}, () -> {});
    }

    /** This startup with one more import. */
    public Startup withImport(String name) {
        return new Startup(appended(imports, name), variables, magics, displays, glossary, onOpen, onClose);
    }

    /** This startup with one more variable. */
    public Startup with(String name, String javaType, Object value) {
        return new Startup(
                imports,
                appended(variables, new Variable(name, javaType, value)),
                magics,
                displays,
                glossary,
                onOpen,
                onClose);
    }

    /** This startup with these displays. */
    public Startup with(Displays other) {
        return new Startup(imports, variables, magics, other, glossary, onOpen, onClose);
    }

    /** This startup with this glossary. */
    public Startup with(Glossary other) {
        return new Startup(imports, variables, magics, displays, other, onOpen, onClose);
    }

    /** This startup with something to do with the host before the first cell. */
    public Startup onOpen(Consumer<Host> action) {
        return new Startup(imports, variables, magics, displays, glossary, action, onClose);
    }

    /** This startup with something to do when the kernel ends. */
    public Startup onClose(Runnable action) {
        return new Startup(imports, variables, magics, displays, glossary, onOpen, action);
    }

    private static <T> List<T> appended(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
