package org.lens4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The names people use for models: official names and aliases, upper and lower case alike. One resource file.
 * TransformerLens: {@code OFFICIAL_MODEL_NAMES} and {@code MODEL_ALIASES}.
 */
public final class Aliases {
    private static final String RESOURCE = "aliases.txt";

    private final List<Entry> entries;

    private Aliases(List<Entry> entries) {
        this.entries = entries;
    }

    /**
     * One model.
     *
     * @param ids its names on the hub, the official one first
     * @param aliases further names
     */
    private record Entry(List<ModelId> ids, List<String> aliases) {
        boolean has(String name) {
            return ids.stream().anyMatch(it -> it.text().equalsIgnoreCase(name))
                    || aliases.stream().anyMatch(it -> it.equalsIgnoreCase(name));
        }
    }

    /** Reads the resource. */
    public static Aliases read() {
        try (InputStream in = Aliases.class.getResourceAsStream("/org/lens4j/hub/" + RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("%s is missing from the jar. Rebuild Lens4J.".formatted(RESOURCE));
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Aliases parse(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                int colon = line.indexOf(" : ");
                String ids = colon < 0 ? line : line.substring(0, colon);
                entries.add(new Entry(
                        words(ids).stream().map(ModelId::new).toList(),
                        colon < 0 ? List.of() : words(line.substring(colon + 3))));
            }
        }
        return new Aliases(List.copyOf(entries));
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.strip().split("\\s+"));
    }

    /**
     * Every name on the hub of the model a name stands for, the one to fetch first. A name written exactly as one of the
     * hub's {@code org/name} is fetched under that name, any other under the official one.
     *
     * @return empty if no model of the list has the name
     */
    List<ModelId> ids(String name) {
        List<ModelId> ids = new ArrayList<>();
        for (Entry entry : entries) {
            if (ids.isEmpty() && entry.has(name)) {
                ids.addAll(entry.ids());
            }
        }
        if (name.contains("/") && ids.removeIf(it -> it.text().equals(name))) {
            ids.add(0, new ModelId(name));
        }
        return List.copyOf(ids);
    }

    /** Every official name and alias, in the order of the list. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Entry entry : entries) {
            entry.ids().forEach(it -> names.add(it.text()));
            names.addAll(entry.aliases());
        }
        return List.copyOf(names);
    }
}
