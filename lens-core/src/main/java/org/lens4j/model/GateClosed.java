package org.lens4j.model;

import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookName;

/** The error for a hook point that would never fire in this run. */
final class GateClosed {
    private GateClosed() {}

    static UsageException at(HookName name) {
        Gate gate = name.point().gate().orElseThrow();
        return new UsageException(
                "%s is off for this run: it costs extra memory. Turn it on: RunOptions.defaults().%s()."
                        .formatted(name, gate.option()));
    }
}
