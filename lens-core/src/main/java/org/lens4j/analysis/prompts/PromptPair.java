package org.lens4j.analysis.prompts;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.UnknownNameException;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.Tokens;

/**
 * Two prompts of equally many tokens that differ in one thing, for patching.
 *
 * @param clean the prompt whose answer is right
 * @param corrupted the same with the thing changed that the answer hangs on
 * @param cleanTokens what the model is fed, with what it expects around a text
 * @param corruptedTokens as many
 * @param answers right next tokens behind the clean prompt, at least one
 * @param wrong wrong ones, at least one; where the corrupted prompt has an answer of its own, that
 * @param positions where the words stand that the task names, in both prompts
 * @param label what results call it; empty for a drawn one, which has its number
 */
public record PromptPair(
        String clean,
        String corrupted,
        Tokens cleanTokens,
        Tokens corruptedTokens,
        List<AnswerToken> answers,
        List<AnswerToken> wrong,
        Map<String, Integer> positions,
        Optional<String> label) {
    /** Copies the collections. */
    public PromptPair {
        answers = List.copyOf(answers);
        wrong = List.copyOf(wrong);
        positions = Collections.unmodifiableMap(new LinkedHashMap<>(positions));
    }

    /** The same under another label. */
    public PromptPair labelled(String other) {
        return new PromptPair(
                clean, corrupted, cleanTokens, corruptedTokens, answers, wrong, positions, Optional.of(other));
    }

    /** The first right token. */
    public AnswerToken answer() {
        return answers.get(0);
    }

    /** The first wrong one. */
    public AnswerToken wrongAnswer() {
        return wrong.get(0);
    }

    /**
     * Where a named word stands.
     *
     * @param label as the task names it, for example {@code S2}
     * @throws UnknownNameException if the task names no such word
     */
    public int position(String label) {
        return Optional.ofNullable(positions.get(label))
                .orElseThrow(() -> UnknownNameException.of(
                        "position", label, "\"" + clean + "\"", positions.keySet(), "The task says which it names."));
    }
}
