package org.lens4j.kernel.magic;

import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;

/** The magics on a session with the embedded model, as lines of a cell. */
final class DemoMagics implements AutoCloseable {
    static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    private final LensSession lens = new LensSession();
    private final MagicTable table = LensMagics.of(lens);
    private final QuietHost host = new QuietHost();

    DemoMagics() {
        lens.load("demo");
        lens.prompt(PROMPT);
    }

    LensSession lens() {
        return lens;
    }

    MagicTable table() {
        return table;
    }

    QuietHost host() {
        return host;
    }

    /** A line that begins with its percent sign. */
    static MagicCall call(String line) {
        String[] nameAndRest = line.substring(1).split(" ", 2);
        return MagicCall.line(nameAndRest[0], nameAndRest.length == 2 ? nameAndRest[1] : "");
    }

    MagicResult run(String line) throws Exception {
        return table.run(call(line), host);
    }

    MagicResult cell(String firstLine, String body) throws Exception {
        MagicCall line = call(firstLine.substring(1));
        return table.run(MagicCall.cell(line.name(), line.rest(), body), host);
    }

    MimeBundle shown(String line) throws Exception {
        MagicResult result = run(line);
        return result.shown().orElseGet(() -> host.displays().of(result.value().orElseThrow()));
    }

    <T> T value(String line, Class<T> type) throws Exception {
        return type.cast(run(line).value().orElseThrow());
    }

    @Override
    public void close() {
        lens.close();
    }
}
