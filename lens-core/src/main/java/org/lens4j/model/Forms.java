package org.lens4j.model;

import java.util.Optional;

/** A loaded model and the same model in the other form, which is made when it is first asked for. */
final class Forms {
    private final HookedTransformer loaded;
    private final WeightForm.Origin origin;
    private Optional<HookedTransformer> other = Optional.empty();

    Forms(HookedTransformer loaded, WeightForm.Origin origin) {
        this.loaded = loaded;
        this.origin = origin;
    }

    synchronized HookedTransformer get(WeightForm form) {
        if (form == origin.loaded()) {
            return loaded;
        }
        if (other.filter(HookedTransformer::isOpen).isEmpty()) {
            loaded.requireOpen();
            other = Optional.of(loaded.sibling(origin.source().parameters(form), this));
        }
        return other.get();
    }

    /** Closes the other form if the loaded one is closed; each may be closed alone before. */
    synchronized void closed(HookedTransformer model) {
        if (model == loaded) {
            other.ifPresent(HookedTransformer::close);
            other = Optional.empty();
        }
    }
}
