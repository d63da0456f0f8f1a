package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** {@code %prompt TEXT}: sets the prompt, and shows the tokens the model will be fed. */
final class PromptMagic implements Command {
    private final LensSession lens;

    PromptMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "prompt";
    }

    @Override
    public String summary() {
        return "Sets the prompt and shows its tokens; without a text, shows the prompt that is set. %%prompt takes the rest of the cell.";
    }

    @Override
    public String form() {
        return "[TEXT]";
    }

    @Override
    public String example() {
        return "%prompt When Mary and John went to the store, John gave a drink to";
    }

    @Override
    public boolean takesText() {
        return true;
    }

    @Override
    public boolean takesBody() {
        return true;
    }

    @Override
    public String java(Arguments arguments) {
        return arguments.text().isEmpty() ? "lens.prompt()" : "lens.prompt(" + JavaText.literal(arguments.text()) + ")";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        if (!arguments.text().isEmpty()) {
            // Tokenise before setting: a prompt the model refuses leaves the session as it was.
            if (lens.hasModel()) {
                Tokens tokens = lens.hooked().tokens(arguments.text());
                lens.hooked().check(tokens);
            }
            lens.prompt(arguments.text());
        }
        if (lens.hasModel() && lens.hasPrompt()) {
            Tokens tokens = lens.tokens();
            return MagicResult.of(tokens, host.displays().of(tokens));
        }
        return MagicResult.of(lens.prompt());
    }
}
