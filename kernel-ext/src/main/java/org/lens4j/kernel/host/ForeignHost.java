package org.lens4j.kernel.host;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Host;

/** What magics need, by way of a kernel that is not ours. */
final class ForeignHost implements Host {
    private final ForeignKernel kernel;
    private final Displays displays;

    ForeignHost(ForeignKernel kernel, Displays displays) {
        this.kernel = kernel;
        this.displays = displays;
    }

    @Override
    public void display(MimeBundle bundle) {
        kernel.display(bundle, Optional.empty());
    }

    @Override
    public String displayUpdatable(MimeBundle bundle) {
        String id = UUID.randomUUID().toString();
        kernel.display(bundle, Optional.of(id));
        return id;
    }

    @Override
    public void update(String displayId, MimeBundle bundle) {
        kernel.update(bundle, displayId);
    }

    @Override
    public Displays displays() {
        return displays;
    }

    @Override
    public Optional<Object> eval(String java) throws Exception {
        return kernel.eval(java);
    }

    @Override
    public void define(String name, String javaType, Object value) {
        try {
            kernel.eval("%1$s %2$s = (%1$s) %3$s;".formatted(javaType, name, Handover.leave(value)));
        } catch (Exception e) {
            throw new UsageException(
                    "\"%s %s\" cannot be declared in this notebook: %s. Give a name and a type that cells can use."
                            .formatted(javaType, name, e.getMessage()));
        }
    }

    /** The kernels tell an undefined name from a failure by text only, so any failure is taken for one. */
    @Override
    public Optional<Object> variable(String name) {
        try {
            return kernel.eval(name);
        } catch (Exception undefined) {
            return Optional.empty();
        }
    }

    /** These kernels interrupt the thread that runs the cell, and tell nobody else. */
    @Override
    public boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    @Override
    public void stopIfInterrupted() {
        if (interrupted()) {
            throw new CancellationException("The cell was stopped.");
        }
    }
}
