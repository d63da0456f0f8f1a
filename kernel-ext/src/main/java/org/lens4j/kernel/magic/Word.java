package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lens4j.error.Shortened;
import org.lens4j.error.UnknownNameException;

/**
 * One argument of a magic: text, and the Java variables named in it. {@code blocks.$layer.hook_z} is the text {@code blocks.},
 * the variable {@code layer} and the text {@code .hook_z}; two dollar signs are one.
 *
 * @param parts in the order written; none for the empty word
 */
public record Word(List<Part> parts) {
    private static final Pattern DOLLAR =
            Pattern.compile("\\$(\\$|[\\p{javaJavaIdentifierStart}&&[^$]][\\p{javaJavaIdentifierPart}&&[^$]]*)");

    /** A stretch of a word. */
    public sealed interface Part {
        /** What it comes to. */
        String text();
    }

    /** Text as it was written. */
    public record Plain(String text) implements Part {}

    /**
     * A variable of the notebook.
     *
     * @param name without the dollar sign
     * @param value what it holds now
     */
    public record Variable(String name, Object value) implements Part {
        @Override
        public String text() {
            return String.valueOf(value);
        }
    }

    /** Copies the parts. */
    public Word {
        parts = List.copyOf(parts);
    }

    /** Text without variables. */
    public static Word plain(String text) {
        return new Word(text.isEmpty() ? List.of() : List.of(new Plain(text)));
    }

    /** The names of the variables in a text, each once. */
    public static List<String> variables(String written) {
        return DOLLAR.matcher(written)
                .results()
                .map(it -> it.group(1))
                .filter(it -> !it.equals("$"))
                .distinct()
                .toList();
    }

    /**
     * Text in which {@code $name} stands for a variable of the notebook.
     *
     * @throws UnknownNameException if there is no such variable; names the closest
     */
    static Word of(String written, Host host) {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        Matcher dollar = DOLLAR.matcher(written);
        int from = 0;
        while (dollar.find()) {
            plain.append(written, from, dollar.start());
            from = dollar.end();
            if (dollar.group(1).equals("$")) {
                plain.append('$');
            } else {
                flush(plain, parts);
                parts.add(variable(dollar.group(1), host));
            }
        }
        plain.append(written.substring(from));
        flush(plain, parts);
        return new Word(parts);
    }

    private static void flush(StringBuilder plain, List<Part> parts) {
        if (!plain.isEmpty()) {
            parts.add(new Plain(plain.toString()));
            plain.setLength(0);
        }
    }

    private static Variable variable(String name, Host host) {
        return host.variable(name)
                .map(value -> new Variable(name, value))
                .orElseThrow(() -> UnknownNameException.of(
                        "variable",
                        "$" + name,
                        "this notebook",
                        host.variables().stream().map(it -> "$" + it).toList(),
                        "It is not declared, or null. A dollar sign itself is written $$."));
    }

    /** The whole as text. */
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }

    /** The variable, where the word is one and nothing else. */
    public Optional<Variable> variable() {
        return parts.size() == 1 && parts.get(0) instanceof Variable only ? Optional.of(only) : Optional.empty();
    }

    /** The value of the variable, where the word is one that holds such a value. */
    public <T> Optional<T> as(Class<T> type) {
        return variable().map(Variable::value).filter(type::isInstance).map(type::cast);
    }

    /** The word as a Java expression of type String, in which variables stand by name. */
    public String java() {
        if (parts.isEmpty()) {
            return JavaText.literal("");
        }
        Part first = parts.get(0);
        if (parts.size() == 1 && first instanceof Variable only) {
            return only.value() instanceof String ? only.name() : "String.valueOf(" + only.name() + ")";
        }
        String joined = parts.stream()
                .map(it -> it instanceof Variable variable ? variable.name() : JavaText.literal(it.text()))
                .collect(Collectors.joining(" + "));
        boolean string = first instanceof Plain || ((Variable) first).value() instanceof String;
        return string ? joined : "\"\" + " + joined;
    }

    /** The word as a Java expression of type int; the text must be a whole number. */
    String javaInteger() {
        return number(Integer.class, "", "Integer.parseInt");
    }

    /** The word as a Java expression of type long; the text must be a whole number. */
    String javaLong() {
        boolean whole = as(Integer.class).isPresent();
        return whole ? number(Integer.class, "", "") : number(Long.class, "L", "Long.parseLong");
    }

    /** The word as a Java expression of type double; the text must be a number. */
    String javaDouble() {
        boolean number = as(Number.class).isPresent();
        return number ? number(Number.class, "", "") : number(Double.class, "", "Double.parseDouble");
    }

    private String number(Class<?> type, String suffix, String parse) {
        boolean plain = parts.stream().noneMatch(Variable.class::isInstance);
        if (plain) {
            return text() + suffix;
        }
        Optional<Variable> only = variable().filter(it -> type.isInstance(it.value()));
        return only.map(Variable::name).orElseGet(() -> "%s(%s)".formatted(parse, java()));
    }

    /** The words between a separator, which counts where it was written and not inside a variable's value. */
    List<Word> split(char separator) {
        List<Word> words = new ArrayList<>();
        List<Part> open = new ArrayList<>();
        for (Part part : parts) {
            if (part instanceof Variable) {
                open.add(part);
                continue;
            }
            String[] pieces = part.text().split(Pattern.quote(String.valueOf(separator)), -1);
            for (int i = 0; i < pieces.length; i++) {
                if (i > 0) {
                    words.add(new Word(open));
                    open.clear();
                }
                if (!pieces[i].isEmpty()) {
                    open.add(new Plain(pieces[i]));
                }
            }
        }
        words.add(new Word(open));
        return words;
    }

    /** For messages: what it says, cut short, or the variable with its type where that is neither text nor number. */
    @Override
    public String toString() {
        return variable()
                .filter(it -> !isSaid(it.value()))
                .map(it -> "$%s (%s)".formatted(it.name(), TypeNames.simple(it.value())))
                .orElseGet(() -> Shortened.of(text()));
    }

    private static boolean isSaid(Object value) {
        return value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>;
    }
}
