package org.lens4j.kernel.host;

import java.util.Optional;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicCall;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.MagicTable;

/** What Java in a cell can call of its kernel. Cells reach it through {@code display(value)} and nested magics. */
public final class CellApi {
    /** The variable of the notebook's session that holds it. */
    static final String VARIABLE = "$kernel";

    private final Host host;
    private final MagicTable magics;

    CellApi(Host host, MagicTable magics) {
        this.host = host;
        this.magics = magics;
    }

    /** Java that runs a magic where a statement or a value stands. */
    static String call(String name, String rest) {
        return "%s.magic(\"%s\", \"%s\");".formatted(VARIABLE, name, escaped(rest));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t");
    }

    /** Shows a value in the running cell. */
    public void display(Object value) {
        host.display(host.displays().of(value));
    }

    /** Runs a magic from inside Java; shows what it shows and gives its value. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the cell's own declaration names the type
    public <T> T magic(String name, String rest) throws Exception {
        MagicResult result = magics.run(MagicCall.line(name, rest), host);
        result.shown().ifPresent(host::display);
        Optional<Object> value = result.value();
        return (T) value.orElse(Optional.empty());
    }
}
