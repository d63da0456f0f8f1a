package org.lens4j.kernel.client;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.kernel.host.KernelSpec;
import org.lens4j.kernel.host.KernelWithTestMagics;

/** Starts kernel processes for the tests, with the class path and the options of the tests. */
final class TestKernels {
    static final String WITH_MAGICS = KernelWithTestMagics.class.getName();
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private TestKernels() {}

    static List<String> command(String mainClass) {
        return KernelSpec.ofThisJava(System.getProperty("java.class.path"), mainClass)
                .argv();
    }

    static KernelClient start() throws IOException {
        return start(command(WITH_MAGICS));
    }

    static KernelClient start(List<String> command) throws IOException {
        return KernelClient.start(command, Path.of("").toAbsolutePath(), Map.of(), PATIENCE);
    }

    static CellRun run(KernelClient kernel, String code) {
        return kernel.execute(code, output -> {}, PATIENCE);
    }

    /** The plain text of what a cell displays or updates; empty of any other output. */
    static String text(Output output) {
        if (output instanceof Output.DisplayData shown) {
            return shown.text("text/plain").orElse("");
        }
        return output instanceof Output.UpdateDisplay update
                ? Optional.ofNullable(update.data().get("text/plain"))
                        .map(JsonElement::getAsString)
                        .orElse("")
                : "";
    }
}
