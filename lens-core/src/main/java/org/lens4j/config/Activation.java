package org.lens4j.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The non-linearity of an MLP, under the names config.json uses for it. */
public enum Activation {
    /** GELU by the error function. */
    GELU("gelu", "gelu"),
    /** GELU by the tanh approximation (Hendrycks and Gimpel, 2016); TransformerLens calls it gelu_new. */
    GELU_TANH("gelu_tanh", "gelu_new,gelu_pytorch_tanh"),
    /** max(0, x). */
    RELU("relu", "relu"),
    /** x times sigmoid(x). */
    SILU("silu", "silu,swish");

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
