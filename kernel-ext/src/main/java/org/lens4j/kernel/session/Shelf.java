package org.lens4j.kernel.session;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.lens4j.error.UnknownNameException;

/**
 * Things under names, one of them the current one. What is put under a name frees what had it.
 *
 * @param <T> what is kept
 */
final class Shelf<T> {
    private final String kind;
    private final String advice;
    private final Consumer<T> free;
    private final Map<String, T> things = new LinkedHashMap<>();
    private Optional<String> current = Optional.empty();

    /**
     * An empty shelf.
     *
     * @param kind what is kept, for messages
     * @param advice what to do about a name that is not there
     * @param free ends a thing
     */
    Shelf(String kind, String advice, Consumer<T> free) {
        this.kind = kind;
        this.advice = advice;
        this.free = free;
    }

    /** Puts a thing under a name, and makes it the current one. */
    void put(String name, T thing) {
        Optional<T> before = Optional.ofNullable(things.put(name, thing));
        before.filter(it -> it != thing).ifPresent(free);
        current = Optional.of(name);
    }

    /**
     * A thing by name.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    T get(String name) {
        return Optional.ofNullable(things.get(name))
                .orElseThrow(() -> UnknownNameException.of(kind, name, "this session", things.keySet(), advice));
    }

    /** Makes a thing the current one. */
    void use(String name) {
        get(name);
        current = Optional.of(name);
    }

    /** Takes a thing away and frees it; the last of the others becomes the current one, if it was that. */
    void remove(String name) {
        T thing = get(name);
        things.remove(name);
        if (current.filter(name::equals).isPresent()) {
            current = things.keySet().stream().reduce((before, after) -> after);
        }
        free.accept(thing);
    }

    Optional<String> currentName() {
        return current;
    }

    Optional<T> current() {
        return current.map(things::get);
    }

    /** In the order they were first put. */
    List<String> names() {
        return List.copyOf(things.keySet());
    }

    void clear() {
        things.values().forEach(free);
        things.clear();
        current = Optional.empty();
    }
}
