package io.github.spencerpark.ijava;

import io.github.spencerpark.jupyter.kernel.magic.CellMagicParseContext;
import io.github.spencerpark.jupyter.kernel.magic.MagicParser;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What IJava 1.3.0 makes of a cell, to the letter: the same pattern, the same generated code. */
final class MagicsSourceTransformer {
    private final MagicParser parser = new MagicParser("(?<=(?:^|=))\\s*%", "%%");

    String transformMagics(String source) {
        @Nullable CellMagicParseContext whole = parser.parseCellMagic(source);
        if (whole != null) {
            return "cellMagic(%s,List.of(%s),%s);{};"
                    .formatted(
                            text(whole.getMagicCall().getName()),
                            texts(whole.getMagicCall().getArgs()),
                            text(whole.getMagicCall().getBody()));
        }
        return parser.transformLineMagics(
                source,
                it -> it.getLinePrefix().chars().filter(c -> c == '"').count() % 2 == 1
                        ? it.getRaw()
                        : "lineMagic(%s,List.of(%s));{};"
                                .formatted(
                                        text(it.getMagicCall().getName()),
                                        texts(it.getMagicCall().getArgs())));
    }

    private static String texts(List<String> args) {
        return args.stream().map(MagicsSourceTransformer::text).collect(Collectors.joining(","));
    }

    private static String text(String arg) {
        return "new String(Base64.getDecoder().decode(\"%s\"))"
                .formatted(Base64.getEncoder().encodeToString(arg.getBytes(StandardCharsets.UTF_8)));
    }
}
