package org.lens4j.kernel.host;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicCall;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.MagicTable;
import org.lens4j.kernel.magic.TypeNames;
import org.lens4j.kernel.magic.Word;

/**
 * What Java in a cell can call of its kernel. Cells reach it through {@code display(value)} and through magics that stand
 * inside Java, which are rewritten to calls of it.
 */
public final class CellApi {
    /** The variable of the notebook's session that holds it. */
    static final String VARIABLE = "$kernel";

    private final Host host;
    private final MagicTable magics;
    private Optional<Object> last = Optional.empty();

    CellApi(Host host, MagicTable magics) {
        this.host = host;
        this.magics = magics;
    }

    /** A statement that calls one of the methods below with these texts. */
    static String call(String receiver, String method, String... texts) {
        return Stream.of(texts)
                .map(it -> "\"" + escaped(it) + "\"")
                .collect(Collectors.joining(", ", receiver + "." + method + "(", ");"));
    }

    /**
     * The kernel of a bundled notebook, as a magic inside Java reaches it: the variables its line names are handed over, since
     * those of a loop or a method are nobody else's.
     */
    static String receiver(String rest) {
        return Word.variables(rest).stream()
                .map(it -> ".with(\"%s\", %s)".formatted(it, it))
                .collect(Collectors.joining("", VARIABLE, ""));
    }

    /** This, with one variable more for {@code $name}; a null value is none. */
    public CellApi with(String name, @Nullable Object value) {
        return value == null ? this : new CellApi(host.with(name, value), magics);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\t", "\\t")
                .replace("\r", "\\r")
                .replace("\n", "\\n");
    }

    /** Shows a value in the running cell. */
    public void display(Object value) {
        host.display(host.displays().of(value));
    }

    /** Runs a magic and shows what it shows, or else its value. What it throws need not be declared, as in a lambda. */
    public void run(String name, String rest) {
        show(result(MagicCall.line(name, rest)));
    }

    /** Runs a magic that takes the rest of its cell, and shows what it shows, or else its value. */
    public void run(String name, String rest, String body) {
        show(result(MagicCall.cell(name, rest, body)));
    }

    private MagicResult result(MagicCall call) {
        try {
            return magics.run(call, host);
        } catch (Exception e) {
            throw undeclared(e);
        }
    }

    /** Throws the same exception, which the compiler takes for one that need not be declared. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> RuntimeException undeclared(Exception thrown) throws E {
        throw (E) thrown;
    }

    private void show(MagicResult result) {
        result.shown().or(() -> result.value().map(host.displays()::of)).ifPresent(host::display);
        host.stopIfInterrupted();
    }

    /**
     * Runs a magic for its value, and shows nothing.
     *
     * @throws org.lens4j.error.UsageException if it gives none
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the cell's own declaration names the type
    public <T> T value(String name, String rest) {
        Object value = result(MagicCall.line(name, rest)).valueOf(name);
        last = Optional.of(value);
        return (T) value;
    }

    /**
     * Declares a variable again with the type of its value, if it holds what {@link #value} gave last. Java infers no more
     * than {@code Object} for {@code var x = %name}.
     */
    public void retype(String variable) {
        Optional<Object> given = last;
        last = Optional.empty();
        host.variable(variable)
                .filter(held -> given.isPresent() && held == given.get())
                .ifPresent(held -> host.define(variable, TypeNames.of(held), held));
    }
}
