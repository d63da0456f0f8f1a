package org.lens4j.train.features;

import org.lens4j.error.UsageException;
import org.lens4j.harvest.HarvestRows;

/**
 * What a probe is to say of a row: a class's index, or a number.
 *
 * <pre>{@code
 * Labels plural = row -> row.token() == dogs ? 1 : row.token() == dog ? 0 : Double.NaN;
 * Labels place = row -> row.position();
 * }</pre>
 */
@FunctionalInterface
public interface Labels {
    /**
     * The label of one row; asked more than once.
     *
     * @return the index of a class, or any number if numbers are asked for; NaN leaves the row out
     */
    double of(HarvestRows.Origin row);

    /**
     * A label for each token of the vocabulary.
     *
     * @param byToken in the order of ids; a token beyond its end is left out
     */
    static Labels ofTokens(double... byToken) {
        double[] copy = byToken.clone();
        return row -> row.token() < copy.length ? copy[(int) row.token()] : Double.NaN;
    }

    /**
     * A label for each row.
     *
     * @param byRow in the order of the harvest, one for each of its rows
     */
    static Labels ofRows(double... byRow) {
        double[] copy = byRow.clone();
        return row -> {
            if (row.number() >= copy.length) {
                throw new UsageException(
                        "The harvest has a row %d, and %d labels were given. Give one for each row, NaN for those to leave out."
                                .formatted(row.number(), copy.length));
            }
            return copy[(int) row.number()];
        };
    }
}
