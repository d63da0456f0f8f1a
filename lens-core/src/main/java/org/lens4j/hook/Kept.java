package org.lens4j.hook;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;

/**
 * Tensors that functions at hook points keep. A function may look at its tensor until it returns; what is wanted later it
 * gives to this, which copies it. Owns the copies: closing it frees them. Several threads may keep at once.
 *
 * <pre>{@code
 * try (Kept kept = new Kept()) {
 *     model.runWithHooks(tokens, Hooks.none().observe("blocks.*.attn.hook_z", kept::keep)).close();
 *     NDArray z = kept.get("blocks.0.attn.hook_z");       // [batch pos head d_head]
 * }
 * }</pre>
 *
 * <p>To keep whole activations, caching them is shorter and can spill: {@code model.runWithCache}. This is for what only a
 * function knows: a part, a mean, a tensor before a later function edits it, a gradient.
 */
public final class Kept implements AutoCloseable {
    private final Scope scope = Scope.root();
    private final Map<String, NDArray> byName = new LinkedHashMap<>();
    private boolean closed;

    /** Nothing kept yet. */
    public Kept() {}

    /**
     * Keeps a copy of a tensor under the name of a hook point, in place of what was kept there. Is itself an observer:
     * {@code kept::keep}.
     *
     * @param tensor stays with its owner
     * @param at where it comes from
     */
    public void keep(NDArray tensor, HookName at) {
        keep(tensor, at.full());
    }

    /**
     * Keeps a copy of a tensor under a name, in place of what was kept there.
     *
     * @param tensor stays with its owner
     * @param name any
     * @return the copy, without gradient history; owned by this
     * @throws StateException if this is closed
     */
    public synchronized NDArray keep(NDArray tensor, String name) {
        requireOpen();
        NDArray copy = Autograd.recording(false, () -> scope.copy(tensor));
        Optional.ofNullable(byName.put(name, copy)).ifPresent(NDArray::close);
        return copy;
    }

    /**
     * What was kept under a name.
     *
     * @return owned by this
     * @throws UnknownNameException if nothing was; names the closest
     * @throws StateException if this is closed
     */
    public synchronized NDArray get(String name) {
        requireOpen();
        return Optional.ofNullable(byName.get(name))
                .orElseThrow(() -> UnknownNameException.of(
                        "kept tensor",
                        name,
                        "what the functions kept",
                        byName.keySet(),
                        "Did the function run? See run.neverFired()."));
    }

    /** The names, in the order they were first kept. */
    public synchronized List<String> names() {
        return List.copyOf(byName.keySet());
    }

    private void requireOpen() {
        if (closed) {
            throw new StateException("What the functions kept was closed, and its tensors are gone. Open a new Kept.");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        byName.clear();
        scope.close();
    }
}
