package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** {@code %tokens [TEXT]}: the tokens of the prompt, or of another text. */
final class TokensMagic implements Command {
    private final LensSession lens;

    TokensMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public String summary() {
        return "Shows the tokens of the prompt, or of another text, exactly as the model is fed them.";
    }

    @Override
    public String form() {
        return "[TEXT]";
    }

    @Override
    public String example() {
        return "%tokens The capital of France is";
    }

    @Override
    public boolean takesText() {
        return true;
    }

    @Override
    public String java(Arguments arguments) {
        return arguments.text().isEmpty()
                ? "lens.tokens()"
                : "lens.model().tokens(" + JavaText.literal(arguments.text()) + ")";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Tokens tokens =
                arguments.text().isEmpty() ? lens.tokens() : lens.hooked().tokens(arguments.text());
        return MagicResult.of(tokens, host.displays().of(tokens));
    }
}
