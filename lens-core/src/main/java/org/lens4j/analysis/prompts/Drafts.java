package org.lens4j.analysis.prompts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.Tokens;

/** Turns drawn texts into pairs, and remembers why some could not be used. */
final class Drafts {
    /** The label every task gives the last token. */
    static final String END = "end";

    private static final int DRAWS_PER_PAIR = 50;
    /** Fewer draws than this say nothing about a task. */
    private static final int LEAST_DRAWS = 500;

    private final HookedModel model;
    private final Map<String, Integer> obstacles = new TreeMap<>();

    private Drafts(HookedModel model) {
        this.model = model;
    }

    /**
     * Draws until there are enough different pairs.
     *
     * @param draw one draft at a time
     * @param advice what to do if none can be used, a sentence
     */
    static PromptPairs pairs(
            PromptTask task, HookedModel model, int count, long seed, Function<Random, Draft> draw, String advice) {
        if (count < 1) {
            throw new RangeException("%d prompt pairs were asked for. Ask for 1 or more.".formatted(count));
        }
        Drafts drafts = new Drafts(model);
        Random random = new Random(seed);
        Map<String, PromptPair> byPrompt = new LinkedHashMap<>();
        int draws = Math.max(LEAST_DRAWS, count * DRAWS_PER_PAIR);
        for (int i = 0; i < draws && byPrompt.size() < count; i++) {
            Draft draft = draw.apply(random);
            String key = draft.clean() + "\n" + draft.corrupted();
            if (!byPrompt.containsKey(key)) {
                drafts.pair(draft).ifPresent(it -> byPrompt.put(key, it));
            }
        }
        if (byPrompt.isEmpty()) {
            throw none(task, model, draws, drafts.obstacles, advice);
        }
        return new PromptPairs(task.name(), seed, new ArrayList<>(byPrompt.values()));
    }

    static UsageException none(
            PromptTask task, HookedModel model, int draws, Map<String, Integer> obstacles, String advice) {
        List<String> found = obstacles.entrySet().stream()
                .map(it -> "%d times %s".formatted(it.getValue(), it.getKey()))
                .toList();
        return new UsageException("None of %d draws of %s can be used with the tokenizer of %s: %s. %s"
                .formatted(draws, task.name(), model.name(), String.join(", ", found), advice));
    }

    private Optional<PromptPair> pair(Draft draft) {
        Tokens clean = model.tokens(draft.clean());
        Tokens corrupted = model.tokens(draft.corrupted());
        if (clean.pos() != corrupted.pos()) {
            return blocked("the two prompts have different numbers of tokens");
        }
        if (clean.pos() > model.config().nCtx()) {
            return blocked("a prompt is longer than the context");
        }
        Optional<List<AnswerToken>> answers = single(draft.answers());
        Optional<List<AnswerToken>> wrong = single(draft.wrong());
        if (answers.isEmpty() || wrong.isEmpty()) {
            return blocked("an answer is several tokens");
        }
        Map<String, Integer> positions = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> end : new TreeMap<>(draft.ends()).entrySet()) {
            Tokens before = model.tokens(draft.clean().substring(0, end.getValue()));
            if (before.pos() > clean.pos()
                    || !clean.ids(0).subList(0, before.pos()).equals(before.ids(0))) {
                return blocked("a word and what follows it are one token");
            }
            positions.put(end.getKey(), before.pos() - 1);
        }
        positions.put(END, clean.pos() - 1);
        return Optional.of(new PromptPair(
                draft.clean(),
                draft.corrupted(),
                clean,
                corrupted,
                answers.get(),
                wrong.get(),
                positions,
                Optional.empty()));
    }

    private <T> Optional<T> blocked(String why) {
        obstacles.merge(why, 1, Integer::sum);
        return Optional.empty();
    }

    private Optional<List<AnswerToken>> single(List<String> texts) {
        return texts.stream().allMatch(it -> model.tokenizer().encode(it).length == 1)
                ? Optional.of(texts.stream().map(model::answer).toList())
                : Optional.empty();
    }

    /** One of several. */
    static <T> T pick(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** One of several that is none of those. */
    static <T> T pickOther(Random random, List<T> of, List<T> not) {
        List<T> left = of.stream().filter(it -> !not.contains(it)).toList();
        return pick(random, left);
    }
}
