package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.lens4j.Fixtures;
import org.lens4j.RandomModel;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/** What the catalogue promises is what fires, whatever the model's shape. */
class HookLawsTest {
    private static final String SEED = "21";
    private static final int TRIES = 60;

    @Provide
    Arbitrary<RandomModel> models() {
        return RandomModel.any();
    }

    /** Every point with its shapes, one for each time it fired, in the order of the first. */
    private static Map<HookName, List<Shape>> fired(HookedTransformer model, Tokens tokens, RunOptions options) {
        Map<HookName, List<Shape>> fired = new LinkedHashMap<>();
        Hooks hooks = Hooks.none().observe("*", (x, at) -> fired.computeIfAbsent(at, it -> new ArrayList<>())
                .add(x.getShape()));
        model.run(tokens, options.withHooks(hooks)).close();
        return fired;
    }

    /** What must fire: all that is open, except an expert's points where no token was sent to it. */
    private static List<HookName> promised(HookedTransformer model, Set<Gate> open, Set<HookName> fired) {
        return model.hooks().all().stream()
                .filter(it -> HookCatalogue.isOpen(it, open))
                .filter(it -> !it.point().inExpert() || fired.contains(it))
                .toList();
    }

    private static void assertPromised(RandomModel random, HookedTransformer model, RunOptions options) {
        Tokens tokens = random.tokens();
        Map<HookName, List<Shape>> fired = fired(model, tokens, options);
        boolean split = options.gates().contains(Gate.SPLIT_QKV_INPUT);
        assertThat(fired.keySet())
                .as(random.toString())
                .containsExactlyElementsOf(promised(model, options.gates(), fired.keySet()));
        fired.forEach((name, shapes) -> {
            boolean thrice = split
                    && Set.of(HookPoint.LN1_SCALE, HookPoint.LN1_NORMALIZED).contains(name.point());
            assertThat(shapes).as(name + " of " + random).hasSize(thrice ? 3 : 1);
            Shape promised = model.hooks().shape(name, options.gates(), tokens.batch(), tokens.pos());
            long[] last = shapes.get(shapes.size() - 1).getShape().clone();
            if (name.point().inExpert()) {
                assertThat(last[0]).as(name.full()).isBetween(1L, (long) tokens.batch() * tokens.pos());
                last[0] = -1;
            }
            assertThat(last).as(name + " of " + random).isEqualTo(promised.getShape());
        });
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void every_hook_point_fires_once_in_order_with_its_shape(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            assertPromised(random, model, RunOptions.defaults());
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void with_switches_too(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            RunOptions all = RunOptions.defaults().withAttnResult().withMlpIn().withTokens();
            assertPromised(random, model, all.withSplitQkvInput());
            assertPromised(random, model, all.withUngroupedGqa());
            assertPromised(random, model, all.withUngroupedGqa().withSplitQkvInput());
            assertPromised(random, model, all.withUngroupedGqa().withAttnIn());
            assertPromised(random, model, all.withUngroupedGqa().withAttnIn().withSplitQkvInput());
        }
    }

    /** What is cached is what is observed, and a run for one activation gives the same as a run for all. */
    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_run_for_one_activation_gives_what_a_run_for_all_gives(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open();
                Run all = model.runWithCache(random.tokens())) {
            List<String> names = new ArrayList<>(all.cache().names());
            String one = names.get(random.dice().nextInt(names.size()));
            try (var alone = model.cache(random.tokens(), one)) {
                assertThat(alone.names()).containsExactly(one);
                if (one.endsWith("indices")) {
                    assertThat(alone.get(one).toLongArray())
                            .isEqualTo(all.cache().get(one).toLongArray());
                } else {
                    Fixtures.assertSame(
                            one,
                            all.cache().get(one).toFloatArray(),
                            alone.get(one).toFloatArray());
                }
            }
        }
    }

    /** Positions are taken along their own axis, whatever axes a point has. */
    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_kept_position_is_that_position_of_every_activation(@ForAll("models") RandomModel random) {
        RunOptions all = RunOptions.defaults()
                .withAttnResult()
                .withMlpIn()
                .withSplitQkvInput()
                .withCached("*");
        int pos = random.tokens().pos();
        try (HookedTransformer model = random.open();
                Run whole = model.run(random.tokens(), all);
                Run last = model.run(random.tokens(), all.withPosSlice(-2, 2))) {
            for (String name : whole.cache().names()) {
                List<String> axes = whole.cache().axes(name).orElseThrow().names();
                String along = axes.contains("query_pos") ? "query_pos" : axes.contains("key_pos") ? "key_pos" : "pos";
                if (!axes.contains(along) || name.contains("experts")) {
                    continue;
                }
                assertThat(last.cache().get(name).toFloatArray())
                        .as("%s of %s", name, random)
                        .isEqualTo(whole.cache()
                                .get(name, Map.of(along, Slice.range(pos - 2, pos)))
                                .toFloatArray());
            }
        }
    }
}
