package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.session.LensSession;

/** Completion of hook names. */
final class HookWords {
    private HookWords() {}

    static List<String> complete(LensSession lens, List<String> words) {
        if (!lens.hasModel()) {
            return List.of();
        }
        String typed = words.isEmpty() ? "" : words.get(words.size() - 1);
        return lens.hooked().hooks().all().stream()
                .map(HookName::full)
                .filter(it -> it.startsWith(typed))
                .toList();
    }
}
