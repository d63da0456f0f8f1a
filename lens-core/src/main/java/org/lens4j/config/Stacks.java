package org.lens4j.config;

/** Which stacks of blocks a model is built of. Each choice is a class of models of its own. */
public sealed interface Stacks {
    /** One stack that says the next token. TransformerLens: {@code HookedTransformer}. */
    record Decoder() implements Stacks {}

    /**
     * One stack that says what stands at masked positions; its norms stand behind each sum (Devlin et al., 2018).
     * TransformerLens: {@code HookedEncoder}.
     *
     * @param tokenTypes how many kinds of segments a token may be in
     */
    record Encoder(int tokenTypes) implements Stacks {
        /** Checks the count. */
        public Encoder {
            Checks.positive("token types", tokenTypes);
        }
    }

    /**
     * A stack that reads a text, and one that says another and looks at what the first made of it (Raffel et al., 2020).
     * TransformerLens: {@code HookedEncoderDecoder}.
     *
     * @param decoderLayers blocks of the second stack
     * @param scaledLogits whether what is unembedded is divided by the square root of dModel
     * @param startTokenId what every text of the second stack begins with
     */
    record EncoderDecoder(int decoderLayers, boolean scaledLogits, int startTokenId) implements Stacks {
        /** Checks the count. */
        public EncoderDecoder {
            Checks.layers("decoder layers", decoderLayers);
        }
    }
}
