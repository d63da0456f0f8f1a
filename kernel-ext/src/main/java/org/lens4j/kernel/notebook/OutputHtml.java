package org.lens4j.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The outputs of a cell as HTML: of each, the richest form a page can show. */
final class OutputHtml {
    private static final List<String> PICTURES = List.of("image/png", "image/jpeg", "image/gif", "image/webp");

    private OutputHtml() {}

    static String of(CellOutput output) {
        if (output instanceof CellOutput.Printed printed) {
            String kind = printed.stream().equals("stderr") ? "stderr" : "stdout";
            return "<pre class=\"%s\">%s</pre>".formatted(kind, AnsiText.toHtml(printed.text()));
        }
        if (output instanceof CellOutput.Failure failure) {
            String lines = failure.traceback().isEmpty()
                    ? failure.name() + ": " + failure.value()
                    : String.join("\n", failure.traceback());
            return "<pre class=\"error\" role=\"alert\">%s</pre>".formatted(AnsiText.toHtml(lines.stripTrailing()));
        }
        return output instanceof CellOutput.Shown shown ? of(shown) : "";
    }

    private static String of(CellOutput.Shown shown) {
        Optional<String> html = shown.text("text/html");
        if (html.isPresent()) {
            return "<div class=\"html\">%s</div>".formatted(html.get());
        }
        Optional<String> svg = shown.text("image/svg+xml");
        if (svg.isPresent()) {
            String base64 = Base64.getEncoder().encodeToString(svg.get().getBytes(StandardCharsets.UTF_8));
            return picture("image/svg+xml", base64, shown);
        }
        for (String mime : PICTURES) {
            Optional<String> base64 = shown.text(mime);
            if (base64.isPresent()) {
                return picture(mime, base64.get().replaceAll("\\s", ""), shown);
            }
        }
        Optional<String> markdown = shown.text("text/markdown");
        if (markdown.isPresent()) {
            return "<div class=\"markdown\">%s</div>"
                    .formatted(new Markdown().toHtml(markdown.get(), address -> Optional.empty()));
        }
        String plain = shown.text("text/plain").orElseGet(() -> "(shown as %s)"
                .formatted(String.join(", ", shown.data().keySet())));
        return "<pre class=\"plain\">%s</pre>".formatted(AnsiText.toHtml(plain));
    }

    private static String picture(String mime, String base64, CellOutput.Shown shown) {
        String alt = shown.text("text/plain").orElse("picture");
        return "<img class=\"picture\" src=\"data:%s;base64,%s\" alt=\"%s\"%s>"
                .formatted(mime, Html.escape(base64), Html.escape(alt), size(mime, shown.metadata()));
    }

    /** The width the kernel asks for; the height follows. */
    private static String size(String mime, JsonObject metadata) {
        if (metadata.get(mime) instanceof JsonObject own) {
            JsonElement width = JupyterJson.member(own, "width");
            boolean isNumber =
                    width.isJsonPrimitive() && width.getAsJsonPrimitive().isNumber();
            return isNumber ? " width=\"%d\"".formatted(width.getAsInt()) : "";
        }
        return "";
    }
}
