package org.lens4j.kernel.notebook;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Markdown to HTML for one page: tables, headings with anchors that occur once, HTML in the text shown as text, and
 * pictures that bring their bytes along.
 */
final class Markdown {
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

    private final Set<String> anchors = new HashSet<>();

    /**
     * Renders the markdown of one cell.
     *
     * @param source the cell's text
     * @param pictures a picture's address to a {@code data:} address; empty for one that cannot be embedded
     * @return HTML without any address that a browser would load by itself
     */
    String toHtml(String source, Function<String, Optional<String>> pictures) {
        HtmlRenderer renderer = HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .escapeHtml(true)
                .sanitizeUrls(true)
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    if (node instanceof Heading) {
                        attributes.put("id", anchor(plainText(node)));
                    }
                })
                .nodeRendererFactory(context -> new OwnNodes(context, pictures))
                .build();
        return renderer.render(PARSER.parse(source));
    }

    /**
     * The first heading of a text, without its marks.
     *
     * @param source markdown
     * @return the heading as plain text; empty if there is none
     */
    static Optional<String> firstHeading(String source) {
        for (Node node = PARSER.parse(source).getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading) {
                return Optional.of(plainText(node)).filter(text -> !text.isBlank());
            }
        }
        return Optional.empty();
    }

    private String anchor(String heading) {
        String slug = heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", "-")
                .replaceAll("^-|-$", "");
        String base = slug.isEmpty() ? "section" : slug;
        String anchor = base;
        for (int i = 2; !anchors.add(anchor); i++) {
            anchor = base + "-" + i;
        }
        return anchor;
    }

    private static String plainText(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(Code part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(SoftLineBreak part) {
                text.append(' ');
            }
        });
        return text.toString().strip();
    }

    /** Writes a picture with its bytes, or, where they cannot be had, a link to it; and colours Java in fences. */
    private record OwnNodes(HtmlNodeRendererContext context, Function<String, Optional<String>> pictures)
            implements NodeRenderer {
        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(Image.class, FencedCodeBlock.class);
        }

        @Override
        public void render(Node node) {
            if (node instanceof Image image) {
                context.getWriter().raw(picture(image));
            } else if (node instanceof FencedCodeBlock fence) {
                boolean isJava =
                        "java".equalsIgnoreCase(String.valueOf(fence.getInfo()).strip());
                String code = fence.getLiteral();
                context.getWriter().line();
                context.getWriter()
                        .raw("<pre><code>%s</code></pre>"
                                .formatted(isJava ? JavaHighlighter.toHtml(code) : Html.escape(code)));
                context.getWriter().line();
            }
        }

        private String picture(Image image) {
            String alt = plainText(image);
            Optional<String> embedded = pictures.apply(image.getDestination());
            if (embedded.isPresent()) {
                return "<img src=\"%s\" alt=\"%s\">".formatted(Html.escape(embedded.get()), Html.escape(alt));
            }
            String address = context.urlSanitizer().sanitizeLinkUrl(image.getDestination());
            String text = alt.isEmpty() ? image.getDestination() : alt;
            return "<a href=\"%s\">%s</a>".formatted(Html.escape(address), Html.escape(text));
        }
    }
}
