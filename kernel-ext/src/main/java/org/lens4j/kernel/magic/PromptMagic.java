package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** {@code %prompt TEXT}: sets the prompt, and shows the tokens the model will be fed. */
final class PromptMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "prompt",
                    "[TEXT]",
                    "Sets the prompt and shows its tokens; without a text, shows the prompt that is set. %%prompt takes the rest of the cell.")
            .example("%prompt When Mary and John went to the store, John gave a drink to")
            .taking(Usage.Takes.TEXT_OR_BODY);

    private final LensSession lens;

    PromptMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        String set = arguments.text().text().isEmpty()
                ? "lens"
                : "lens.prompt(" + arguments.text().java() + ")";
        return set + (lens.hasModel() ? ".tokens()" : ".prompt()");
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        String text = arguments.text().text();
        if (!text.isEmpty()) {
            // Tokenise before setting: a prompt the model refuses leaves the session as it was.
            if (lens.hasModel()) {
                lens.hooked().check(lens.tokens(text));
            }
            lens.prompt(text);
        }
        if (lens.hasModel() && lens.hasPrompt()) {
            Tokens tokens = lens.tokens();
            return MagicResult.of(tokens, host.displays().of(tokens));
        }
        return MagicResult.of(lens.prompt());
    }
}
