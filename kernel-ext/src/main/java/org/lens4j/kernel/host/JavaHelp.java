package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/** What can be said about Java that is being typed. */
final class JavaHelp {
    private final SourceCodeAnalysis analysis;
    private final Supplier<List<String>> variables;

    JavaHelp(SourceCodeAnalysis analysis, Supplier<List<String>> variables) {
        this.analysis = analysis;
        this.variables = variables;
    }

    /** The names of the notebook's variables. */
    List<String> variables() {
        return variables.get();
    }

    /** Words that may stand at the end of {@code code}, in place of its text from {@code start} on. */
    record Words(List<String> words, int start) {}

    /** What may stand where {@code code} ends. */
    Words complete(String code) {
        Tail tail = tail(code);
        Words alone = suggestions(tail.last());
        if (!alone.words().isEmpty() || tail.before().isBlank()) {
            return new Words(alone.words(), code.length() - tail.last().length() + alone.start());
        }
        // The statements before have not run yet; inside a block the compiler sees the variables they declare.
        String block = "{" + code;
        Words inBlock = suggestions(block);
        return new Words(inBlock.words(), Math.max(0, inBlock.start() - 1));
    }

    private Words suggestions(String code) {
        int[] anchor = {code.length()};
        List<String> words = analysis.completionSuggestions(code, code.length(), anchor).stream()
                .sorted((a, b) -> Boolean.compare(b.matchesType(), a.matchesType()))
                .map(Suggestion::continuation)
                .filter(word -> !word.startsWith("$"))
                .distinct()
                .toList();
        return new Words(words, anchor[0]);
    }

    /** The statement at the end of {@code code}, and what stands before it. */
    private record Tail(String before, String last) {}

    private Tail tail(String code) {
        String rest = code;
        while (true) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            String remaining = info.remaining();
            if (!info.completeness().isComplete()
                    || remaining == null
                    || remaining.isBlank()
                    || remaining.length() >= rest.length()) {
                return new Tail(code.substring(0, code.length() - rest.length()), rest);
            }
            rest = remaining;
        }
    }

    /** Signatures, and documentation where there is some, of what stands at {@code cursor}. */
    Optional<String> describe(String code, int cursor) {
        int end = cursor;
        while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
            end++;
        }
        Tail tail = tail(code.substring(0, end));
        List<String> found = new ArrayList<>();
        for (Documentation doc : analysis.documentation(tail.last(), tail.last().length(), true)) {
            String javadoc = doc.javadoc();
            found.add(javadoc == null ? doc.signature() : doc.signature() + "\n" + javadoc.strip());
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(String.join("\n\n", found));
    }

    /** Whether the statements in {@code code} can run as they are. */
    Completeness completeness(String code) {
        String rest = code;
        while (true) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            String remaining = info.remaining();
            boolean more = info.completeness().isComplete()
                    && remaining != null
                    && !remaining.isBlank()
                    && remaining.length() < rest.length();
            if (!more) {
                return info.completeness();
            }
            rest = remaining;
        }
    }
}
