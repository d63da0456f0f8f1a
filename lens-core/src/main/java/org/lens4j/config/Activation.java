package org.lens4j.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The non-linearity of an MLP, under the names config.json and TransformerLens use for it. */
public enum Activation {
    /** GELU by the error function. */
    GELU("gelu", "gelu"),
    /** GELU by the tanh approximation (Hendrycks and Gimpel, 2016); TransformerLens calls it gelu_new. */
    GELU_TANH("gelu_tanh", "gelu_new,gelu_pytorch_tanh,gelu_fast"),
    /** max(0, x). */
    RELU("relu", "relu"),
    /** x times sigmoid(x). */
    SILU("silu", "silu,swish"),
    /** x times softmax(x) over the neurons (Elhage et al., 2022). */
    SOLU("solu", "solu"),
    /** SoLU followed by a LayerNorm over the neurons, as the SoLU models have it. */
    SOLU_LN("solu", "solu_ln"),
    /** x itself. */
    IDENTITY("identity", "none");

    private final String kernel;
    private final String commaSeparatedNames;

    Activation(String kernel, String commaSeparatedNames) {
        this.kernel = kernel;
        this.commaSeparatedNames = commaSeparatedNames;
    }

    /** The method of the kernel resource that computes it. */
    public String kernel() {
        return kernel;
    }

    /** Whether a LayerNorm over the neurons follows. */
    public boolean normed() {
        return this == SOLU_LN;
    }

    /** The activation that config.json calls by this name. */
    public static Optional<Activation> named(String name) {
        return Arrays.stream(values())
                .filter(it -> it.ownNames().contains(name))
                .findFirst();
    }

    /** Every name {@link #named} knows. */
    public static List<String> names() {
        return Arrays.stream(values()).flatMap(it -> it.ownNames().stream()).toList();
    }

    /** The name TransformerLens gives it. */
    public String officialName() {
        return ownNames().get(0);
    }

    private List<String> ownNames() {
        return List.of(commaSeparatedNames.split(",", -1));
    }
}
