package org.lens4j.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;

/**
 * A steering in one word, for the command line and magics: {@code POINT:STRENGTH:MORE|LESS}.
 *
 * @param point a hook point's name
 * @param strength what the direction is multiplied by
 * @param more what the model is to be steered to
 * @param less what it is to be steered from
 */
public record SteeringText(String point, double strength, String more, String less) {
    private static final Pattern FORM = Pattern.compile("([^:]+):([^:]+):(.*)\\|(.*)", Pattern.DOTALL);

    /**
     * Reads one.
     *
     * @throws UsageException if it is written otherwise; shows the form
     */
    public static SteeringText parse(String words) {
        Matcher form = FORM.matcher(words);
        try {
            if (form.matches()) {
                return new SteeringText(
                        form.group(1).strip(), Double.parseDouble(form.group(2).strip()), form.group(3), form.group(4));
            }
        } catch (NumberFormatException e) {
            // Falls through to how it is written.
        }
        throw new UsageException(
                "--steer \"%s\" is not understood. Write a hook point, a strength and two texts: --steer 'blocks.2.hook_resid_pre:4:I am happy|I am sad'"
                        .formatted(words));
    }

    /** The steering of a model: the difference of the two texts' activations at their last tokens, so strong. */
    public Steering of(HookedTransformer model) {
        return Steering.between(model, point, more, less).times(strength);
    }
}
