package org.lens4j.model;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;

/** The functions that stay with a model between runs, and what they remember. Several threads may use it at once. */
final class HookBoard {
    /** Where functions go among those that are attached already, and how they are taken away. */
    enum Order {
        /** Behind the others, until a reset. */
        LAST,
        /** Before the others, until a reset. */
        FIRST,
        /** Behind the others, until a reset that says so. */
        PERMANENT
    }

    private final List<Pinned> pinned = new CopyOnWriteArrayList<>();
    private final Map<HookName, Map<String, Object>> contexts = new ConcurrentHashMap<>();

    /** Functions that were attached together. */
    private final class Pinned implements Attachment {
        private final Hooks hooks;
        private final boolean permanent;

        Pinned(Hooks hooks, boolean permanent) {
            this.hooks = hooks;
            this.permanent = permanent;
        }

        @Override
        public void close() {
            pinned.remove(this);
        }
    }

    Attachment attach(Hooks hooks, Order order) {
        Pinned more = new Pinned(hooks, order == Order.PERMANENT);
        if (order == Order.FIRST) {
            pinned.add(0, more);
        } else {
            pinned.add(more);
        }
        return more;
    }

    void reset(boolean includingPermanent) {
        pinned.removeIf(it -> includingPermanent || !it.permanent);
    }

    boolean isEmpty() {
        return pinned.isEmpty();
    }

    /** Those attached, in order, then those of a run. */
    Hooks with(Hooks ofRun) {
        Hooks all = Hooks.none();
        for (Pinned each : pinned) {
            all = all.then(each.hooks);
        }
        return all.then(ofRun);
    }

    Map<String, Object> context(HookName name) {
        return contexts.computeIfAbsent(name, it -> new ConcurrentHashMap<>());
    }

    void clearContexts() {
        contexts.clear();
    }
}
