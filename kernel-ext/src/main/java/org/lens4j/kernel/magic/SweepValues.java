package org.lens4j.kernel.magic;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lens4j.error.UsageException;

/**
 * The values of a sweep: {@code 0..3}, words, or what a variable holds.
 *
 * @param values at least one
 * @param java the Java expression that lists them
 */
record SweepValues(List<Object> values, String java) {
    private static final Pattern RANGE = Pattern.compile("(-?\\d{1,9})\\.\\.(-?\\d{1,9})");

    private static final Pattern LIKE_A_RANGE = Pattern.compile("[-+.\\d]*\\d\\.\\.\\.?[-+]?\\.?\\d.*");

    /** Copies the list. */
    SweepValues {
        values = List.copyOf(values);
    }

    /**
     * Reads the words behind the variable's name.
     *
     * @throws UsageException if there are none, or a range is empty
     */
    static SweepValues of(List<Word> words) {
        if (words.size() == 1) {
            Optional<SweepValues> held = held(words.get(0)).or(() -> range(words.get(0)));
            if (held.isPresent()) {
                return held.get();
            }
        }
        if (words.isEmpty()) {
            throw new UsageException(
                    "%%sweep needs values behind the variable: %%sweep layer 0..2, %%sweep strength 1 2 4, or a Java list: %%sweep word $words.");
        }
        List<String> texts = words.stream().map(Word::text).toList();
        words.stream()
                .filter(it -> LIKE_A_RANGE.matcher(it.text()).matches())
                .findFirst()
                .ifPresent(it -> {
                    throw new UsageException(
                            "%%%%sweep: a range is of whole numbers and stands alone, as 0..2; \"%s\" is none here. Write the values one by one: %%%%sweep strength 0.5 1 2."
                                    .formatted(it));
                });
        if (texts.stream().allMatch(it -> it.matches("-?\\d{1,9}"))) {
            return new SweepValues(
                    new ArrayList<>(texts.stream().map(Integer::valueOf).toList()),
                    list(words.stream().map(Word::javaInteger).toList()));
        }
        if (texts.stream().allMatch(SweepValues::isNumber)) {
            return new SweepValues(
                    new ArrayList<>(texts.stream().map(Double::valueOf).toList()),
                    list(texts.stream()
                            .map(it -> Double.toString(Double.parseDouble(it)))
                            .toList()));
        }
        return new SweepValues(
                new ArrayList<>(texts), list(words.stream().map(Word::java).toList()));
    }

    private static boolean isNumber(String text) {
        return text.matches("-?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    }

    private static String list(List<String> expressions) {
        return expressions.stream().collect(Collectors.joining(", ", "List.of(", ")"));
    }

    private static Optional<SweepValues> range(Word word) {
        Matcher range = RANGE.matcher(word.text());
        if (!range.matches()) {
            return Optional.empty();
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        if (last < first) {
            throw new UsageException("%%%%sweep: the range %s is empty. Write the smaller number first: %d..%d."
                    .formatted(word, last, first));
        }
        return Optional.of(new SweepValues(
                new ArrayList<>(IntStream.rangeClosed(first, last).boxed().toList()),
                "IntStream.rangeClosed(%d, %d).boxed().toList()".formatted(first, last)));
    }

    private static Optional<SweepValues> held(Word word) {
        Optional<Word.Variable> variable = word.variable();
        if (variable.isEmpty()) {
            return Optional.empty();
        }
        Object value = variable.get().value();
        String name = variable.get().name();
        List<Object> values = new ArrayList<>();
        String java = name;
        if (value instanceof Collection<?> collection) {
            values.addAll(collection);
        } else if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                values.add(Array.get(value, i));
            }
            boolean primitive = value.getClass().getComponentType().isPrimitive();
            java = primitive ? "Arrays.stream(%s).boxed().toList()".formatted(name) : "List.of(" + name + ")";
        } else {
            return Optional.empty();
        }
        if (values.isEmpty()) {
            throw new UsageException("%%%%sweep: $%s holds no values, so there is nothing to do.".formatted(name));
        }
        return Optional.of(new SweepValues(values, java));
    }
}
