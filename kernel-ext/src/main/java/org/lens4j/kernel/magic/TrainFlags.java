package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.train.DemoModel;
import org.lens4j.train.TrainConfig;

/** How long and how fast a magic trains. */
final class TrainFlags {
    /** Steps, rows of each, tokens of each row, and the learning rate: what a notebook has the time for. */
    private static final TrainConfig USUAL = TrainConfig.of(250, 16, 64, 1e-3);

    private static final Option STEPS =
            Option.value("N", "steps; demo 5200, else %d".formatted(USUAL.steps()), "--steps");
    private static final Option BATCH =
            Option.value("N", "lens and sae: rows of each step (%d)".formatted(USUAL.batch()), "--batch");
    private static final Option LENGTH = Option.value(
            "N",
            "lens and sae: tokens of each row (%d, or what the model reads)".formatted(USUAL.rowLength()),
            "--length");
    private static final Option RATE = Option.value("X", "lens and sae: the learning rate (0.001)", "--rate");
    private static final Option SEED =
            Option.value("N", "another seed, another result (demo 1, else the session's)", "--seed");

    static final List<Option> ALL = List.of(STEPS, BATCH, LENGTH, RATE, SEED);
    /** Those the embedded model, which has settings of its own, does not take. */
    static final List<Option> OF_OTHERS = List.of(BATCH, LENGTH, RATE);

    private TrainFlags() {}

    static TrainConfig demo(Arguments arguments) {
        TrainConfig config = DemoModel.config();
        config = arguments.has(STEPS) ? config.withSteps(arguments.integer(STEPS, 0)) : config;
        return arguments.has(SEED) ? config.withSeed(arguments.whole(SEED, 0)) : config;
    }

    static String javaOfDemo(Arguments arguments) {
        demo(arguments);
        return "DemoModel.config()"
                + arguments
                        .value(STEPS)
                        .map(it -> ".withSteps(" + it.javaInteger() + ")")
                        .orElse("")
                + arguments
                        .value(SEED)
                        .map(it -> ".withSeed(" + it.javaLong() + ")")
                        .orElse("");
    }

    static TrainConfig config(LensSession lens, Arguments arguments) {
        return TrainConfig.of(
                        arguments.integer(STEPS, USUAL.steps()),
                        arguments.integer(BATCH, USUAL.batch()),
                        arguments.integer(LENGTH, usualLength(lens)),
                        arguments.number(RATE, USUAL.learningRate()))
                .withSeed(arguments.whole(SEED, lens.seed()));
    }

    static String java(LensSession lens, Arguments arguments) {
        config(lens, arguments);
        return "TrainConfig.of(%s, %s, %s, %s).withSeed(%s)"
                .formatted(
                        arguments.javaInteger(STEPS, USUAL.steps()),
                        arguments.javaInteger(BATCH, USUAL.batch()),
                        arguments.javaInteger(LENGTH, usualLength(lens)),
                        arguments.value(RATE).map(Word::javaDouble).orElse("1e-3"),
                        arguments.value(SEED).map(Word::javaLong).orElse("lens.seed()"));
    }

    private static int usualLength(LensSession lens) {
        return Math.min(
                USUAL.rowLength(), lens.hasModel() ? lens.hooked().config().nCtx() : USUAL.rowLength());
    }
}
