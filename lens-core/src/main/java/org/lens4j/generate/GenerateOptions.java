package org.lens4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Hooks;
import org.lens4j.model.KvCache;

/**
 * How a model writes. Immutable.
 *
 * <pre>{@code
 * GenerateOptions.of(40).withSampler(Sampler.temperature(0.8).withTopP(0.9)).withStop("\n").withSteering(steering)
 * }</pre>
 *
 * @param maxNewTokens tokens of each row at most, 1 or more
 * @param sampler how each is chosen
 * @param ends tokens that end a row; empty list for none, empty for those the model's config.json names
 * @param stops strings that end a row; its text ends before them
 * @param remembering whether keys and values are kept from step to step. Without, every step reads the whole text again: slower,
 *     and hooks see all of it each time
 * @param hooks called in every step, at all points; with remembering they see the new position alone, after the first step
 * @param steering directions added in every step
 * @param past what the model has read already, which the prompts continue
 */
public record GenerateOptions(
        int maxNewTokens,
        Sampler sampler,
        Optional<List<Integer>> ends,
        List<String> stops,
        boolean remembering,
        Hooks hooks,
        List<Steering> steering,
        Optional<KvCache> past) {
    /** Checks what can be checked without a model, and copies the lists. */
    public GenerateOptions {
        if (maxNewTokens < 1) {
            throw new UsageException("%d new tokens were asked for. Ask for 1 or more.".formatted(maxNewTokens));
        }
        if (stops.contains("")) {
            throw new UsageException("A stop string is empty, and every text begins with that. Leave it out.");
        }
        if (past.isPresent() && !remembering) {
            throw new UsageException(
                    "A past is given, and keys and values are not to be kept. Leave out one of withPast and withoutCache.");
        }
        ends = ends.map(List::copyOf);
        stops = List.copyOf(stops);
        steering = List.copyOf(steering);
    }

    /** The likeliest tokens, so many at most, up to the end of the text, without hooks. */
    public static GenerateOptions of(int maxNewTokens) {
        return new GenerateOptions(
                maxNewTokens,
                Sampler.greedy(),
                Optional.empty(),
                List.of(),
                true,
                Hooks.none(),
                List.of(),
                Optional.empty());
    }

    /** Chooses tokens so. */
    public GenerateOptions withSampler(Sampler other) {
        return new GenerateOptions(maxNewTokens, other, ends, stops, remembering, hooks, steering, past);
    }

    /** Goes on behind tokens that end a text. TransformerLens: {@code stop_at_eos=False}. */
    public GenerateOptions withoutEnd() {
        return withEnd(List.of());
    }

    /** Ends a row at one of these tokens. TransformerLens: {@code eos_token_id}. */
    public GenerateOptions withEnd(List<Integer> tokens) {
        return new GenerateOptions(
                maxNewTokens, sampler, Optional.of(tokens), stops, remembering, hooks, steering, past);
    }

    /** Ends a row at one of these strings too. */
    public GenerateOptions withStop(String... strings) {
        List<String> all = new ArrayList<>(stops);
        all.addAll(List.of(strings));
        return new GenerateOptions(maxNewTokens, sampler, ends, all, remembering, hooks, steering, past);
    }

    /** Reads the whole text again for every token. TransformerLens: {@code use_past_kv_cache=False}. */
    public GenerateOptions withoutCache() {
        return new GenerateOptions(maxNewTokens, sampler, ends, stops, false, hooks, steering, past);
    }

    /** Calls these functions while it writes; replaces those set before. */
    public GenerateOptions withHooks(Hooks functions) {
        return new GenerateOptions(maxNewTokens, sampler, ends, stops, remembering, functions, steering, past);
    }

    /** Adds this direction too, while it writes. */
    public GenerateOptions withSteering(Steering more) {
        List<Steering> all = new ArrayList<>(steering);
        all.add(more);
        return new GenerateOptions(maxNewTokens, sampler, ends, stops, remembering, hooks, all, past);
    }

    /**
     * Continues what a cache remembers. When all is written the cache remembers it too, to the last token, so that the next
     * prompt goes on from there.
     *
     * @param cache as many rows as there are prompts; stays with the caller
     */
    public GenerateOptions withPast(KvCache cache) {
        return new GenerateOptions(
                maxNewTokens, sampler, ends, stops, remembering, hooks, steering, Optional.of(cache));
    }
}
