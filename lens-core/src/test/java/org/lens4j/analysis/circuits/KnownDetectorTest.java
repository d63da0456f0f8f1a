package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.CachedModels;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedTransformer;
import org.lens4j.process.Processing;
import org.lens4j.text.Tokens;

/**
 * Numbers of TransformerLens's test_head_detector.py and test_svd_interpreter.py, with their tolerances. Run where solu-2l (and,
 * for the detector, its tokenizer.json beside it) is in the local cache, and reported as not run otherwise.
 */
@Tag("weights")
class KnownDetectorTest {
    private static final String FOUR = " four token sequence";
    private static final String TWICE = " seven token sequence seven token sequence";

    private static HookedTransformer open(LoadOptions options) {
        return CachedModels.ofTheUser().open("solu-2l", options, HookedTransformer.class);
    }

    private static DetectOptions options(String measure, String left) {
        DetectOptions all = DetectOptions.defaults().with(DetectOptions.Measure.named(measure));
        return switch (left) {
            case "bos" -> all.withoutBos();
            case "current" -> all.withoutCurrentToken();
            case "both" -> all.withoutBos().withoutCurrentToken();
            default -> all;
        };
    }

    /** Eight heads of layer 0, then eight of layer 1. */
    @ParameterizedTest
    @CsvSource({
        "four, previous, mul, none, .3567 .2326 .2587 .2669 .1437 .5924 .2706 .2647 .3250 .2487 .2685 .2771 .2737 .2520 .2523 .3359",
        "four, previous, abs, none, -.037 -.285 -.233 -.216 -.463 .435 -.209 -.221 -.100 -.253 -.213 -.196 -.203 -.246 -.245 -.078",
        "four, duplicate, mul, none, 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "four, induction, mul, none, 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "four, duplicate, abs, none, 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "four, induction, abs, none, 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "twice, previous, mul, none, .2978 .1737 .1593 .1686 .0905 .6462 .1885 .1767 .2923 .2045 .1845 .2083 .1797 .1529 .1564 .2445",
        "twice, previous, abs, none, -.262 -.510 -.539 -.520 -.676 .435 -.480 -.504 -.272 -.448 -.488 -.441 -.498 -.551 -.544 -.368",
        "twice, duplicate, mul, none, .0904 .0944 .0010 .0155 .2024 .0071 .0164 .0715 .0381 .0038 .0309 .0184 .0322 .0103 .0066 .0446",
        "twice, duplicate, abs, none, -.248 -.240 -.427 -.398 -.024 -.414 -.396 -.286 -.352 -.421 -.367 -.392 -.364 -.408 -.415 -.339",
        "twice, induction, mul, none, .1242 .0539 .0109 .0178 .0005 .0560 .0312 .0521 .0659 .1994 .0430 .0289 .0470 .0119 .1726 .0665",
        "twice, induction, abs, none, -.180 -.321 -.407 -.393 -.428 -.317 -.366 -.324 -.297 -.030 -.343 -.371 -.335 -.405 -.083 -.295",
        "four, previous, mul, bos, .4312 .1414 .4195 .3316 .0016 .7672 .4385 .2628 .4030 .1467 .3050 .3247 .3062 .2421 .2043 .3593",
        "four, previous, abs, bos, .456 .318 .493 .477 .272 .764 .487 .430 .377 .475 .438 .433 .455 .485 .487 .413",
        "four, previous, mul, current, .5441 .4149 .3545 .3771 .2738 .8821 .3797 .3835 .6770 .3445 .3959 .4228 .4032 .3449 .3434 .5770",
        "four, previous, abs, current, .308 .155 .038 .076 .013 .763 .078 .089 .420 .025 .109 .149 .119 .023 .020 .340",
        "four, previous, mul, both, .6092 .5601 .8043 .8732 .1130 .9122 .6857 .4405 .7011 .7523 .5545 .6449 .7958 .7565 .7082 .7833",
        "four, previous, abs, both, .550 .508 .513 .519 .498 .842 .524 .489 .647 .503 .510 .528 .526 .505 .503 .581"
    })
    void heads_score_as_published(String text, String pattern, String measure, String left, String figures) {
        try (HookedTransformer model = open(LoadOptions.defaults())) {
            Tokens tokens = CachedModels.tokens(model, text.equals("four") ? FOUR : TWICE);
            String name = pattern.equals("induction") ? "induction_head" : pattern + "_token_head";
            float[] found = HeadDetector.detect(model, tokens, HeadPattern.named(name), options(measure, left))
                    .values();
            String[] wanted = figures.split(" ", -1);
            for (int i = 0; i < wanted.length; i++) {
                // Rounded to three digits, a score may fall to the next.
                float tolerance = measure.equals("abs") ? 1.1e-3f : 1e-4f;
                assertThat(found[i]).as("head " + i).isCloseTo(Float.parseFloat(wanted[i]), within(tolerance));
            }
        }
    }

    /** Of each of the four strongest directions of layer 0 the two tokens it moves most: the first, then the second. */
    @ParameterizedTest
    @CsvSource({
        "OV, .6597 .8689 .6344 .7345, .5244 .6705 .5940 .7240",
        "w_in, .7714 .6608 .6452 .6933, .7647 .6466 .6406 .6458",
        "w_out, .5097 .5389 .7906 .7178, .5076 .5350 .7674 .7106"
    })
    void directions_move_tokens_as_far_as_published(String weight, String first, String second) {
        try (HookedTransformer model = open(LoadOptions.defaults())) {
            assertDirections(model, weight, first, second);
        }
    }

    @Test
    void without_folded_gains_the_directions_into_an_mlp_are_shorter() {
        LoadOptions unfolded = LoadOptions.defaults().without(Processing.Switch.FOLD_LN);
        try (HookedTransformer model = open(unfolded)) {
            assertDirections(model, "w_in", ".3639 .3164 .3095 .3430", ".3614 .3050 .3041 .3140");
        }
    }

    private static void assertDirections(HookedTransformer model, String weight, String first, String second) {
        WeightPlace place =
                switch (weight) {
                    case "OV" -> new WeightPlace.Ov(0, 0);
                    case "w_in" -> new WeightPlace.WIn(0);
                    default -> new WeightPlace.WOut(0);
                };
        SingularDirections found = SingularDirections.of(model, place, 4, 2);
        for (int direction = 0; direction < 4; direction++) {
            float[] far = found.scores().slice("direction", direction).values();
            for (int i = 0; i < far.length; i++) {
                far[i] = Math.abs(far[i]);
            }
            Arrays.sort(far);
            float[] wanted = {
                Float.parseFloat(first.split(" ", -1)[direction]), Float.parseFloat(second.split(" ", -1)[direction])
            };
            assertThat(new float[] {far[3], far[2]}).containsExactly(wanted, within(2e-4f));
        }
    }
}
