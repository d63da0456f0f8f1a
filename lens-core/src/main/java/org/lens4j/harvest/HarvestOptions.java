package org.lens4j.harvest;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.model.ComputeType;

/**
 * What is harvested. Immutable.
 *
 * <pre>{@code
 * HarvestOptions.of("blocks.6.hook_resid_post").withPrecision(Precision.FLOAT16).withContext(128).withoutSpecial()
 * }</pre>
 *
 * @param hooks names or globs of hook points
 * @param gates the optional hook points that fire
 * @param precision how activations are stored
 * @param batch contexts run at a time
 * @param context most tokens of a context, those around the text included; empty for {@value #USUAL_CONTEXT}, or what the
 *     model reads if that is less
 * @param positions which tokens of each document become rows
 * @param special whether the tokens a model puts around a text (BOS, [CLS], [SEP]) become rows too
 * @param limit tokens after which no further context is run; empty for the whole corpus
 * @param shardRows rows of each file but the last
 * @param compute the type in which the model takes its products
 */
public record HarvestOptions(
        List<String> hooks,
        Set<Gate> gates,
        Precision precision,
        int batch,
        OptionalInt context,
        Positions positions,
        boolean special,
        OptionalLong limit,
        int shardRows,
        ComputeType compute) {
    /** Tokens of a context unless others are asked for. */
    public static final int USUAL_CONTEXT = 128;

    /** Contexts run at a time unless others are asked for. */
    public static final int USUAL_BATCH = 16;

    /** Rows of a file unless others are asked for. */
    public static final int USUAL_SHARD_ROWS = 65_536;

    /** Copies and checks. */
    public HarvestOptions {
        hooks = List.copyOf(hooks);
        gates = Set.copyOf(gates);
        if (hooks.isEmpty()) {
            throw new UsageException(
                    "A harvest needs at least one hook point, and none was named. Name one: blocks.0.hook_resid_post");
        }
        atLeastOne("A batch of %d contexts", batch);
        context.ifPresent(it -> atLeastOne("A context of %d tokens", it));
        limit.ifPresent(it -> atLeastOne("A limit of %d tokens", it));
        atLeastOne("A shard of %d rows", shardRows);
    }

    private static void atLeastOne(String what, long number) {
        if (number < 1) {
            throw new UsageException(what.formatted(number) + " holds nothing. Use 1 or more.");
        }
    }

    /** Every token of these points, in float32. */
    public static HarvestOptions of(String... hooks) {
        return of(List.of(hooks));
    }

    /** Every token of these points, in float32. */
    public static HarvestOptions of(List<String> hooks) {
        return new HarvestOptions(
                hooks,
                Set.of(),
                Precision.FLOAT32,
                USUAL_BATCH,
                OptionalInt.empty(),
                new Positions.All(),
                true,
                OptionalLong.empty(),
                USUAL_SHARD_ROWS,
                ComputeType.FLOAT32);
    }

    /** Fires the points of a switch too. */
    public HarvestOptions with(Gate gate) {
        Set<Gate> more = EnumSet.of(gate);
        more.addAll(gates);
        return new HarvestOptions(
                hooks, more, precision, batch, context, positions, special, limit, shardRows, compute);
    }

    /** Stores activations so. */
    public HarvestOptions withPrecision(Precision other) {
        return new HarvestOptions(hooks, gates, other, batch, context, positions, special, limit, shardRows, compute);
    }

    /** Runs so many contexts at a time. */
    public HarvestOptions withBatch(int contexts) {
        return new HarvestOptions(
                hooks, gates, precision, contexts, context, positions, special, limit, shardRows, compute);
    }

    /** Cuts documents into contexts of at most so many tokens. */
    public HarvestOptions withContext(int tokens) {
        return new HarvestOptions(
                hooks, gates, precision, batch, OptionalInt.of(tokens), positions, special, limit, shardRows, compute);
    }

    /** Makes rows of these tokens. */
    public HarvestOptions withPositions(Positions other) {
        return new HarvestOptions(hooks, gates, precision, batch, context, other, special, limit, shardRows, compute);
    }

    /** Makes no rows of the tokens a model puts around a text: their activations are unlike all others. */
    public HarvestOptions withoutSpecial() {
        return new HarvestOptions(hooks, gates, precision, batch, context, positions, false, limit, shardRows, compute);
    }

    /** Ends with the context in which so many tokens have been run. */
    public HarvestOptions withLimit(long tokens) {
        return new HarvestOptions(
                hooks,
                gates,
                precision,
                batch,
                context,
                positions,
                special,
                OptionalLong.of(tokens),
                shardRows,
                compute);
    }

    /** Ends a file after so many rows. */
    public HarvestOptions withShardRows(int rows) {
        return new HarvestOptions(hooks, gates, precision, batch, context, positions, special, limit, rows, compute);
    }

    /** Lets the model take its products in that type: bfloat16 is several times faster where the processor has AMX. */
    public HarvestOptions withCompute(ComputeType type) {
        return new HarvestOptions(hooks, gates, precision, batch, context, positions, special, limit, shardRows, type);
    }
}
