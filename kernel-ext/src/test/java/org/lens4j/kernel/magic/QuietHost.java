package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;

/** A host that remembers what it was asked to show, to run and to keep. */
final class QuietHost implements Host {
    private final List<String> evaluated = new ArrayList<>();
    private final List<MimeBundle> displayed = new ArrayList<>();
    private final List<String> updates = new ArrayList<>();
    private final Map<String, Object> variables = new TreeMap<>();
    private final Map<String, String> types = new TreeMap<>();
    private int questions = Integer.MAX_VALUE;

    List<MimeBundle> displayed() {
        return displayed;
    }

    List<String> evaluated() {
        return evaluated;
    }

    /** The lines an updatable display showed. */
    List<String> updates() {
        return updates;
    }

    /** The type a variable was declared with. */
    String type(String name) {
        return types.getOrDefault(name, "none");
    }

    /** Makes a variable, as a cell would. */
    void set(String name, Object value) {
        variables.put(name, value);
    }

    /** The user asks to stop after the running work has asked so often whether they did. */
    void stopAfter(int asked) {
        questions = asked;
    }

    @Override
    public void display(MimeBundle bundle) {
        displayed.add(bundle);
    }

    @Override
    public String displayUpdatable(MimeBundle bundle) {
        updates.add(bundle.plain());
        return "1";
    }

    @Override
    public void update(String displayId, MimeBundle bundle) {
        updates.add(bundle.plain());
    }

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
    public void define(String name, String javaType, Object value) {
        variables.put(name, value);
        types.put(name, javaType);
    }

    @Override
    public Optional<Object> variable(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    @Override
    public List<String> variables() {
        return List.copyOf(variables.keySet());
    }

    @Override
    public boolean interrupted() {
        return questions-- <= 0;
    }

    @Override
    public void stopIfInterrupted() {
        if (interrupted()) {
            throw new CancellationException("The cell was stopped.");
        }
    }
}
