package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;

/** The patches of some positions that have names, which stand elsewhere in each prompt. */
final class NamedPositions {
    private final PatchSite site;
    private final List<Axis> from;
    private final List<Axis> to;
    private final List<String> names;

    private NamedPositions(PatchSite site, List<Axis> from, List<String> names) {
        this.site = site;
        this.from = from;
        this.names = names;
        this.to = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            to.add(site.axes().get(i).isPosition() ? new Axis(from.get(i).name(), names) : from.get(i));
        }
    }

    /**
     * Picks them out of a sweep over all positions.
     *
     * @param group the prompts of the sweep, in order
     * @param names each names a position of every prompt
     */
    static Measured of(Measured measured, PatchSite site, PromptPairs group, List<String> names) {
        NamedPositions picked = new NamedPositions(site, measured.found().axes(), names);
        List<float[]> values = measured.found().values().stream()
                .map(it -> picked.of(it, group.pairs()))
                .toList();
        Sweep.Found found = new Sweep.Found(picked.to, values, measured.found().progress());
        return new Measured(measured.site(), measured.levels(), found);
    }

    private float[] of(float[] all, List<PromptPair> prompts) {
        int before = Sweep.size(from);
        int after = Sweep.size(to);
        float[] picked = new float[prompts.size() * after];
        for (int i = 0; i < picked.length; i++) {
            int prompt = i / after;
            picked[i] = all[prompt * before + source(i % after, prompts.get(prompt))];
        }
        return picked;
    }

    /** Where a patch of the named positions stands among those of all. */
    private int source(int flat, PromptPair prompt) {
        int rest = flat;
        int stride = 1;
        int place = 0;
        for (int i = to.size() - 1; i >= 0; i--) {
            int index = rest % to.get(i).size();
            rest /= to.get(i).size();
            place += stride * (site.axes().get(i).isPosition() ? prompt.position(names.get(index)) : index);
            stride *= from.get(i).size();
        }
        return place;
    }
}
