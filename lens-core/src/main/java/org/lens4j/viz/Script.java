package org.lens4j.viz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The one script of all pictures, the resource {@code lens4j.js}: tooltips, arrow keys, large maps chosen from small ones. A
 * picture is whole without it.
 */
final class Script {
    private static final String SOURCE = source();

    private Script() {}

    /** The script as an element, in a form that both HTML and XML read. */
    static String element() {
        return "<script>//<![CDATA[\n" + SOURCE + "\n//]]></script>";
    }

    /** Without indentation and lines of comment: it is in every picture. */
    private static String source() {
        try (InputStream in = Script.class.getResourceAsStream("lens4j.js")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("//"))
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException("The script of the pictures could not be read from the jar.", e);
        }
    }
}
