package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;

/** A host that remembers what it was asked to show and to run. */
final class QuietHost implements Host {
    private final List<String> evaluated = new ArrayList<>();
    private final List<MimeBundle> displayed = new ArrayList<>();

    List<MimeBundle> displayed() {
        return displayed;
    }

    List<String> evaluated() {
        return evaluated;
    }

    @Override
    public void display(MimeBundle bundle) {
        displayed.add(bundle);
    }

    @Override
    public String displayUpdatable(MimeBundle bundle) {
        return "1";
    }

    @Override
    public void update(String displayId, MimeBundle bundle) {}

    @Override
    public Displays displays() {
        return LensDisplays.standard();
    }

    @Override
    public Optional<Object> eval(String java) {
        evaluated.add(java);
        return Optional.of(java.length());
    }

    @Override
    public void define(String name, String javaType, Object value) {}

    @Override
    public Optional<Object> variable(String name) {
        return Optional.empty();
    }

    @Override
    public boolean interrupted() {
        return false;
    }

    @Override
    public void stopIfInterrupted() {}
}
