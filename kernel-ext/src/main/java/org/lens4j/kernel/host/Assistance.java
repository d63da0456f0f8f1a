package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Magic;
import org.lens4j.kernel.magic.MagicLine;
import org.lens4j.kernel.magic.MagicTable;

/** Answers a client that asks while its user types. Positions in a request count Unicode code points. */
final class Assistance {
    private static final String COMPLETE = "complete";
    private static final String INVALID = "invalid";
    private static final int INDENT = 4;
    /** A text that opens behind this names a model. */
    private static final Pattern LOADING = Pattern.compile("\\.\\s*load\\w*\\(\\s*\"$");
    /** A word that ends in a variable, which two dollar signs are not. */
    private static final Pattern VARIABLE = Pattern.compile("((?:[^$]|\\$\\$)*\\$)(\\p{javaJavaIdentifierPart}*)");

    private final MagicTable magics;
    private final Glossary glossary;

    Assistance(MagicTable magics, Glossary glossary) {
        this.magics = magics;
        this.glossary = glossary;
    }

    ReplacementOptions complete(String code, int cursor, JavaHelp java) {
        int at = offset(code, cursor);
        String before = code.substring(0, at);
        Optional<String> magic = CellScanner.openMagic(before);
        JavaHelp.Words words;
        if (magic.isPresent()) {
            boolean cell = before.endsWith("%%" + magic.get());
            words = completeMagic(magic.get(), cell, java);
            words = new JavaHelp.Words(words.words(), at - magic.get().length() + words.start());
        } else {
            words = openText(before)
                    .map(typed -> completeText(before, typed))
                    .orElseGet(() -> completeJava(before, java));
        }
        return new ReplacementOptions(words.words(), code.codePointCount(0, words.start()), cursor);
    }

    /** The text that is being typed in Java, from its quote on; empty where the code does not end in one. */
    private static Optional<String> openText(String before) {
        JavaTokens tokens = new JavaTokens(before);
        Optional<String> open = Optional.empty();
        while (tokens.next()) {
            String token = tokens.text();
            boolean text = token.startsWith("\"") && !token.startsWith("\"\"\"");
            boolean closed = token.length() > 1 && token.endsWith("\"");
            boolean last = tokens.end() == before.length();
            open = text && !closed && last ? Optional.of(token.substring(1)) : Optional.empty();
        }
        return open;
    }

    private JavaHelp.Words completeText(String before, String typed) {
        int start = before.length() - typed.length();
        boolean model = LOADING.matcher(before.substring(0, start)).find();
        return new JavaHelp.Words(model ? glossary.models(typed) : glossary.beginning(typed), start);
    }

    private static JavaHelp.Words completeJava(String before, JavaHelp java) {
        List<CellPart> parts = scan(before);
        if (parts.isEmpty() || !(parts.get(parts.size() - 1) instanceof CellPart.Java last)) {
            return new JavaHelp.Words(List.of(), before.length());
        }
        JavaHelp.Words words = java.complete(last.source());
        return new JavaHelp.Words(words.words(), before.length() - last.source().length() + words.start());
    }

    /**
     * What may stand in a magic.
     *
     * @param typed what stands after the percent signs, up to the cursor
     * @param cell whether there are two of them
     */
    private JavaHelp.Words completeMagic(String typed, boolean cell, JavaHelp java) {
        int blank = 0;
        while (blank < typed.length() && !Character.isWhitespace(typed.charAt(blank))) {
            blank++;
        }
        if (blank == typed.length()) {
            List<String> names = magics.all().stream()
                    .filter(it -> !cell || it.takesBody())
                    .map(Magic::name)
                    .filter(name -> name.startsWith(typed))
                    .toList();
            return new JavaHelp.Words(names, 0);
        }
        String rest = typed.substring(blank);
        List<String> args = new ArrayList<>(MagicLine.split(rest));
        if (Character.isWhitespace(typed.charAt(typed.length() - 1))) {
            args.add("");
        }
        int start = typed.length();
        while (!Character.isWhitespace(typed.charAt(start - 1))) {
            start--;
        }
        Matcher variable = VARIABLE.matcher(typed.substring(start));
        if (variable.matches()) {
            List<String> names = java.variables().stream()
                    .filter(it -> it.startsWith(variable.group(2)))
                    .map(it -> variable.group(1) + it)
                    .toList();
            return new JavaHelp.Words(names, start);
        }
        List<String> words = magics.find(typed.substring(0, blank))
                .map(magic -> magic.complete(args))
                .orElse(List.of());
        return new JavaHelp.Words(words, start);
    }

    Optional<MimeBundle> inspect(String code, int cursor, JavaHelp java) {
        int at = offset(code, cursor);
        Optional<String> magic = CellScanner.openMagic(code.substring(0, wordEnd(code, at)));
        if (magic.isPresent()) {
            String name = magic.get().split("\\s", 2)[0];
            Optional<MimeBundle> named = magic.get().length() > name.length() ? named(code, at) : Optional.empty();
            return named.or(() -> magics.find(name)
                    .map(m -> MimeBundle.text("%" + m.name() + ": " + m.summary() + "\n\n" + m.usage())));
        }
        String before = code.substring(0, at);
        if (openText(before).isPresent()) {
            return named(code, at);
        }
        List<CellPart> parts = scan(before);
        if (parts.isEmpty() || !(parts.get(parts.size() - 1) instanceof CellPart.Java last)) {
            return Optional.empty();
        }
        return java.describe(last.source() + code.substring(at), last.source().length())
                .map(MimeBundle::text);
    }

    /** What the name around a place means. */
    private Optional<MimeBundle> named(String code, int at) {
        int start = at;
        while (start > 0 && isNamePart(code.charAt(start - 1))) {
            start--;
        }
        int end = at;
        while (end < code.length() && isNamePart(code.charAt(end))) {
            end++;
        }
        return start == end ? Optional.empty() : glossary.meaning(code.substring(start, end));
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || "_.*?-".indexOf(c) >= 0;
    }

    private static int wordEnd(String code, int from) {
        int end = from;
        while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
            end++;
        }
        return end;
    }

    /** complete, invalid, or the indent a console is to begin the next line with. */
    String completeness(String code, JavaHelp java) {
        List<CellPart> parts = scan(code);
        if (parts.isEmpty() || !(parts.get(parts.size() - 1) instanceof CellPart.Java last)) {
            return COMPLETE;
        }
        return switch (java.completeness(last.source())) {
            case COMPLETE, COMPLETE_WITH_SEMI, EMPTY -> COMPLETE;
            case UNKNOWN -> INVALID;
            case CONSIDERED_INCOMPLETE, DEFINITELY_INCOMPLETE -> " ".repeat(INDENT * CellScanner.depth(code));
        };
    }

    /** A cell that cannot be scanned will say so when it runs. */
    private static List<CellPart> scan(String code) {
        try {
            return CellScanner.scan(code);
        } catch (UsageException e) {
            return List.of();
        }
    }

    private static int offset(String code, int codePoints) {
        int within = Math.max(0, Math.min(codePoints, code.codePointCount(0, code.length())));
        return code.offsetByCodePoints(0, within);
    }
}
