package org.lens4j.kernel.host;

import java.util.List;
import java.util.Optional;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Typed;
import org.lens4j.kernel.session.LensSession;

/**
 * The hook points of the session's model.
 *
 * @param lens whose model
 */
record HookGlossary(LensSession lens) implements Glossary {
    @Override
    public List<String> beginning(String typed) {
        return lens.hasModel()
                ? new Typed(typed)
                        .hooks(lens.hooked().hooks().all().stream()
                                .map(HookName::full)
                                .toList())
                : List.of();
    }

    @Override
    public List<String> models(String typed) {
        return new Typed(typed).models();
    }

    /** With the sizes its tensor has on the prompt; a glob stands for all it matches. */
    @Override
    public Optional<MimeBundle> meaning(String name) {
        if (!lens.hasModel()) {
            return Optional.empty();
        }
        List<HookName> found;
        try {
            found = lens.hooks(name);
        } catch (UnknownNameException other) {
            return Optional.empty();
        }
        int pos = lens.hasPrompt() ? lens.tokens().pos() : 1;
        String title = "%s of %s, sizes for %s"
                .formatted(
                        found.size() == 1 ? "Hook point" : found.size() + " hook points",
                        lens.hooked().name(),
                        lens.hasPrompt() ? "the prompt's %d tokens".formatted(pos) : "each token");
        return Optional.of(LensDisplays.hooks(found, lens.hooked().hooks(), pos, title));
    }
}
