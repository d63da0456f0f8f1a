package org.lens4j.kernel.session;

import java.util.List;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.load.LoadReport;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/** The current model of a session, by its class. */
public sealed interface CurrentModel permits PromptViews {
    /**
     * The current model with its report, for work that notes where its weights come from.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     */
    Pretrained pretrained();

    /**
     * The current model.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    default HookedTransformer model() {
        return as(HookedTransformer.class, hooked());
    }

    /**
     * The current model, if it is an encoder.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    default HookedEncoder encoder() {
        return as(HookedEncoder.class, hooked());
    }

    /**
     * The current model, if it reads one text and says another.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    default HookedEncoderDecoder encoderDecoder() {
        return as(HookedEncoderDecoder.class, hooked());
    }

    /**
     * The current model, of whatever class.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     */
    default HookedModel hooked() {
        return pretrained().hooked();
    }

    /**
     * How the current model was loaded.
     *
     * @throws org.lens4j.error.StateException if none is loaded
     */
    default LoadReport report() {
        return pretrained().report();
    }

    /**
     * The tokens of another text, as the current model is fed them.
     *
     * @throws org.lens4j.error.StateException if there is no model
     */
    default Tokens tokens(String text) {
        return hooked().tokens(text);
    }

    /**
     * The hook points of the current model that a name or glob stands for.
     *
     * @throws org.lens4j.error.UnknownNameException if none matches; names the closest
     */
    default List<HookName> hooks(String glob) {
        return hooked().hooks().matching(glob);
    }

    /** The model as one of this class. */
    static <M extends HookedModel> M as(Class<M> wanted, HookedModel model) {
        if (!wanted.isInstance(model)) {
            throw new UsageException("%s is a %s, and this is for a %s. It is lens.%s(), or of any class lens.hooked()."
                    .formatted(model.name(), model.getClass().getSimpleName(), wanted.getSimpleName(), getter(model)));
        }
        return wanted.cast(model);
    }

    private static String getter(HookedModel model) {
        if (model instanceof HookedEncoder) {
            return "encoder";
        }
        return model instanceof HookedEncoderDecoder ? "encoderDecoder" : "model";
    }
}
