package org.lens4j.model;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.lens4j.error.UnknownNameException;

/** The type in which a model takes its products. Everything else, the residual stream first of all, is float32 in any case. */
public enum ComputeType {
    /** IEEE single precision, as the weights are. */
    FLOAT32("float32"),
    /** Eight bits of exponent, eight of fraction: several times faster where the processor has units for it (AMX). */
    BFLOAT16("bfloat16,bf16");

    private final String commaSeparatedNames;

    ComputeType(String commaSeparatedNames) {
        this.commaSeparatedNames = commaSeparatedNames;
    }

    private List<String> names() {
        return List.of(commaSeparatedNames.split(",", -1));
    }

    /** The name as Python writes it: {@code bfloat16}. */
    public String pythonName() {
        return names().get(0);
    }

    /**
     * The one of that name: {@code float32}, {@code bfloat16} or {@code bf16}.
     *
     * @throws UnknownNameException if there is none
     */
    public static ComputeType named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Stream.of(values())
                .filter(it -> it.names().contains(lower))
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "precision",
                        name,
                        "this version",
                        Stream.of(values()).flatMap(it -> it.names().stream()).toList(),
                        "Weights and residual stream are float32 in any case."));
    }
}
