package org.lens4j.generate;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * A direction added to an activation, times a strength, at some positions (Turner et al., 2023). On the heap; nothing to close.
 *
 * <pre>{@code
 * Steering weddings = Steering.between(model, "blocks.6.hook_resid_pre", " wedding", " ").times(4);
 * Generation.of(model, "I went to the store and", GenerateOptions.of(30).withSteering(weddings));
 * model.runWithHooks(tokens, weddings.hooks(tokens));
 * }</pre>
 *
 * @param point the hook point's name; its axes begin with batch and pos
 * @param direction one number for each of the point's other axes, row-major
 * @param strength what it is multiplied by
 * @param where at which positions
 */
public record Steering(String point, List<Float> direction, double strength, Where where) {
    /** Positions, counted in a row's own text: from 0, its padding left out, what a cache remembers of it included. */
    public sealed interface Where {
        /** All of them, those that are written too. */
        record Everywhere() implements Where {}

        /** One and all behind it, those that are written too; a negative one counts from the end of the prompt. */
        record From(int pos) implements Where {}

        /** Some; negative ones count from the end of the prompt. */
        record At(List<Integer> positions) implements Where {
            /** Copies the list. */
            public At {
                positions = List.copyOf(positions);
            }
        }

        /**
         * Whether a position is meant.
         *
         * @param prompt how many positions the prompt has, with what was remembered before it
         */
        default boolean includes(int pos, int prompt) {
            if (this instanceof From from) {
                return pos >= (from.pos() < 0 ? from.pos() + prompt : from.pos());
            }
            if (this instanceof At at) {
                return at.positions().stream().anyMatch(it -> (it < 0 ? it + prompt : it) == pos);
            }
            return true;
        }
    }

    /**
     * The tokens of one pass.
     *
     * @param positions of each column in its row's text, -1 at padding, {@code [row][column]}
     * @param prompts how many positions each row's prompt has
     */
    record Columns(List<List<Integer>> positions, List<Integer> prompts) {
        static Columns of(Tokens tokens) {
            List<List<Integer>> positions = new ArrayList<>();
            List<Integer> prompts = new ArrayList<>();
            for (int row = 0; row < tokens.batch(); row++) {
                List<Integer> own = new ArrayList<>();
                int count = 0;
                for (int column = 0; column < tokens.pos(); column++) {
                    own.add(tokens.isAttended(row, column) ? count++ : -1);
                }
                positions.add(own);
                prompts.add(count);
            }
            return new Columns(positions, prompts);
        }
    }

    /** Copies the direction. */
    public Steering {
        direction = List.copyOf(direction);
        if (!Double.isFinite(strength) || direction.stream().anyMatch(it -> !Float.isFinite(it))) {
            throw new UsageException(
                    "A steering at %s has a strength or a direction that is not finite. Look at what it was computed from."
                            .formatted(point));
        }
    }

    /**
     * A direction times a strength, at every position.
     *
     * @param point a hook point's name
     * @param direction one number for each of the point's axes behind batch and pos
     */
    public static Steering add(String point, float[] direction, double strength) {
        List<Float> copy = new ArrayList<>(direction.length);
        for (float each : direction) {
            copy.add(each);
        }
        return new Steering(point, copy, strength, new Where.Everywhere());
    }

    /**
     * The difference of two texts' activations at their last tokens, with strength 1, at every position.
     *
     * @param point a hook point's name
     * @param more what the model is to be steered to
     * @param less what it is to be steered from
     * @throws org.lens4j.error.UnknownNameException for a point the model does not have
     */
    public static Steering between(HookedTransformer model, String point, String more, String less) {
        return between(model, point, model.tokens(more), model.tokens(less));
    }

    /** {@link #between(HookedTransformer, String, String, String)} of tokens; the first sequences count. */
    public static Steering between(HookedTransformer model, String point, Tokens more, Tokens less) {
        float[] direction = last(model, point, more);
        float[] other = last(model, point, less);
        for (int i = 0; i < direction.length; i++) {
            direction[i] -= other[i];
        }
        return add(point, direction, 1);
    }

    private static float[] last(HookedTransformer model, String point, Tokens tokens) {
        Tokens first = tokens.sequences(0);
        requirePositions(model, point);
        int last = first.pos() - 1;
        while (last > 0 && !first.isAttended(0, last)) {
            last--;
        }
        try (ActivationCache cache = model.cache(first, point)) {
            float[] all = cache.get(point).toFloatArray();
            int width = all.length / first.pos();
            return Arrays.copyOfRange(all, last * width, (last + 1) * width);
        }
    }

    private static void requirePositions(HookedTransformer model, String point) {
        HookName name = model.hooks().named(point);
        Axes axes = model.hooks().axes(name, java.util.Set.of());
        boolean rows = axes.indexOf("batch") == 0 && axes.indexOf("pos") == 1 && axes.rank() > 2;
        if (!rows || name.point().holdsIds()) {
            throw new UsageException(
                    "%s has axes %s, and a direction is added at positions. Use one with batch and pos first, such as blocks.0.hook_resid_pre."
                            .formatted(point, axes));
        }
    }

    /**
     * Refuses a model this does not fit.
     *
     * @throws org.lens4j.error.UnknownNameException if it has no such point
     * @throws ShapeException if the direction has another length
     */
    void requireFit(HookedTransformer model) {
        requirePositions(model, point);
        HookName name = model.hooks().named(point);
        long width = model.hooks().shape(name, 1, 1).size();
        if (width != direction.size()) {
            throw new ShapeException(
                    "A direction of %d numbers is to be added at %s, which has %s, %d at each position."
                            .formatted(direction.size(), point, model.hooks().axes(name, java.util.Set.of()), width));
        }
    }

    /** This with a strength so many times as great. */
    public Steering times(double factor) {
        return new Steering(point, direction, strength * factor, where);
    }

    /** This at some positions of the text only; negative ones count from the end of the prompt. */
    public Steering at(int... positions) {
        return new Steering(
                point,
                direction,
                strength,
                new Where.At(Arrays.stream(positions).boxed().toList()));
    }

    /** This at one position and all behind it; a negative one counts from the end of the prompt. */
    public Steering from(int pos) {
        return new Steering(point, direction, strength, new Where.From(pos));
    }

    /**
     * The function that does it in a run of these tokens.
     *
     * @param tokens what is run
     */
    public Hooks hooks(Tokens tokens) {
        return hooks(Columns.of(tokens));
    }

    Hooks hooks(Columns columns) {
        return Hooks.none().change(point, (activation, at) -> {
            try (Scope scope = Scope.root()) {
                activation.addi(scope.floats(added(activation, columns), activation.getShape()));
            }
        });
    }

    /** Row-major, like the activation. */
    private float[] added(NDArray activation, Columns columns) {
        int batch = Math.toIntExact(activation.getShape().get(0));
        int pos = Math.toIntExact(activation.getShape().get(1));
        int width = Math.toIntExact(activation.size() / batch / pos);
        if (width != direction.size()
                || batch != columns.positions().size()
                || pos != columns.positions().get(0).size()) {
            throw new ShapeException(
                    "A direction of %d numbers for [batch=%d pos=%d] does not fit an activation of %s. Give hooks(…) the tokens of the run."
                            .formatted(
                                    direction.size(),
                                    columns.positions().size(),
                                    columns.positions().get(0).size(),
                                    activation.getShape()));
        }
        float[] values = new float[batch * pos * width];
        for (int row = 0; row < batch; row++) {
            for (int column : meant(columns, row)) {
                for (int i = 0; i < width; i++) {
                    values[(row * pos + column) * width + i] = (float) (direction.get(i) * strength);
                }
            }
        }
        return values;
    }

    private int[] meant(Columns columns, int row) {
        List<Integer> positions = columns.positions().get(row);
        int prompt = columns.prompts().get(row);
        return IntStream.range(0, positions.size())
                .filter(column -> positions.get(column) >= 0 && where.includes(positions.get(column), prompt))
                .toArray();
    }
}
