package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.MimeBundle;

/**
 * A host that seems to have one variable more: one of a loop in a cell, or one that magics are only printed with.
 *
 * @param host all else
 * @param name of the variable
 * @param value of the variable
 */
record PretendedVariable(Host host, String name, Object value) implements Host {
    @Override
    public Optional<Object> variable(String asked) {
        return asked.equals(name) ? Optional.of(value) : host.variable(asked);
    }

    @Override
    public List<String> variables() {
        List<String> all = new ArrayList<>(host.variables());
        all.add(name);
        return all;
    }

    @Override
    public void display(MimeBundle bundle) {
        host.display(bundle);
    }

    @Override
    public String displayUpdatable(MimeBundle bundle) {
        return host.displayUpdatable(bundle);
    }

    @Override
    public void update(String displayId, MimeBundle bundle) {
        host.update(displayId, bundle);
    }

    @Override
    public Displays displays() {
        return host.displays();
    }

    @Override
    public Optional<Object> eval(String java) throws Exception {
        return host.eval(java);
    }

    @Override
    public Optional<Object> evalBelow(String body) throws Exception {
        return host.evalBelow(body);
    }

    @Override
    public void define(String variable, String javaType, Object given) {
        host.define(variable, javaType, given);
    }

    @Override
    public boolean interrupted() {
        return host.interrupted();
    }

    @Override
    public void stopIfInterrupted() {
        host.stopIfInterrupted();
    }
}
