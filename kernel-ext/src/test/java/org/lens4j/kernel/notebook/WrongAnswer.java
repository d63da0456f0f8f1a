package org.lens4j.kernel.notebook;

import java.util.List;

/**
 * A wrong answer to an exercise, and what the check must say to it.
 *
 * @param notebook the file's name
 * @param cell what a student runs behind the notebook's last cell
 * @param told a part of the answer
 */
record WrongAnswer(String notebook, String cell, String told) {
    private static final String LENS = "04-logit-lens-and-attribution.ipynb";
    private static final String PATCHING = "05-patching.ipynb";
    private static final String MAGICS = "06-magics.ipynb";

    /** Of every exercise several. */
    static final List<WrongAnswer> ALL = List.of(
            new WrongAnswer(
                    LENS, "checkPlace(\"1_post\");", "The lens has no place \"1_post\". It reads [0_pre, 0_mid,"),
            new WrongAnswer(LENS, "checkPlace(\"1_mid\");", "Not at 1_mid: there 14 tokens are likelier than ·Mary."),
            new WrongAnswer(LENS, "checkPlace(\"2_mid\");", "it was before already: at 2_pre."),
            new WrongAnswer(LENS, "checkDifference(-byLayer.total());", "the other way round, John less Mary."),
            new WrongAnswer(
                    LENS,
                    "checkDifference(byLayer.total() - byLayer.mean().at(8));",
                    "The unembedding's bias is missing"),
            new WrongAnswer(
                    LENS, "checkDifference(total(StackOptions.defaults()));", "The norm is missing, and the bias too."),
            new WrongAnswer(
                    LENS,
                    "checkDifference(total(StackOptions.defaults()) + byLayer.mean().at(8));",
                    "The norm is missing: divide the stream by ln_final.hook_scale"),
            new WrongAnswer(LENS, "checkDifference(1);", "1.0000 is not it. Print the shapes"),
            new WrongAnswer(LENS, "checkCount(19);", "numbers above 0."),
            new WrongAnswer(LENS, "checkCount(41);", "There are only 40 prompts."),
            new WrongAnswer(LENS, "checkCount(3);", "3 is not it."),
            new WrongAnswer(
                    LENS, "checkPart(\"1_attn_out\");", "1_attn_out adds 4.05, and there is one that adds more."),
            new WrongAnswer(LENS, "checkPart(\"L1H0\");", "There is no component \"L1H0\". There are [embed,"),
            new WrongAnswer(PATCHING, patch("0, :, 1"), "This patches head 1 at every position."),
            new WrongAnswer(PATCHING, patch("0, -1, 0"), "This patches head 0."),
            new WrongAnswer(PATCHING, patch("0, -1"), "This patches both heads."),
            new WrongAnswer(PATCHING, patch("0"), "This patches all of hook_z."),
            new WrongAnswer(
                    PATCHING,
                    "checkPatch(Hooks.none().change(\"blocks.1.attn.hook_z\", (z, at) -> z.set(new NDIndex(\"0, -1, 1\"), 0f)));",
                    "This sets the output to zero."),
            new WrongAnswer(
                    PATCHING,
                    "checkPatch(Hooks.none().observe(\"blocks.1.attn.hook_z\", (z, at) -> {}));",
                    "Nothing changed: this is the corrupted run."),
            new WrongAnswer(PATCHING, "checkCarrier(1, 1);", "This one carried who gives; here it has nothing to do."),
            new WrongAnswer(PATCHING, "checkCarrier(3, 0);", "There is no L3H0: 3 layers have 2 heads each"),
            new WrongAnswer(PATCHING, "checkTeller(0, 0, 'q');", "By this way the log probability of ·ring is -4.9"),
            new WrongAnswer(PATCHING, "checkTeller(0, 1, 'k');", "and by another it comes to -0.01."),
            new WrongAnswer(PATCHING, "checkTeller(1, 0, 'k');", "comes too late for a head of layer 1."),
            new WrongAnswer(PATCHING, "checkTeller(0, 0, 'x');", "the way is 'q', 'k' or 'v'."),
            new WrongAnswer(PATCHING, "checkConclusions(true, true, false, false);", "a. It does not follow."),
            new WrongAnswer(PATCHING, "checkConclusions(true);", "There are 4 sentences, and 1 values."),
            new WrongAnswer(MAGICS, "checkStrength(0.2);", "At 0.2 it says Rome. It takes more."),
            new WrongAnswer(MAGICS, "checkStrength(1);", "At 1.0 it says Paris, and less is enough"),
            new WrongAnswer(MAGICS, "checkStrength(0.45);", "between 0.1 and 3 is asked for, in steps of 0.1."),
            new WrongAnswer(MAGICS, "checkPosition(2);", "From Mary come"),
            new WrongAnswer(MAGICS, "checkPosition(2);", "logits for Mary."),
            new WrongAnswer(MAGICS, "checkPosition(12);", "there is a position that brings more for John."),
            new WrongAnswer(MAGICS, "checkPosition(15);", "The prompt has the positions 0 to 14."),
            new WrongAnswer(MAGICS, "checkPrompt(\"The cat sat on\");", "Sarah must occur in the prompt."),
            new WrongAnswer(
                    MAGICS,
                    "checkPrompt(\"When Mary and Sarah went to the store, Sarah gave a drink to\");",
                    "The likeliest next token is \" Mary\", at 0."),
            new WrongAnswer(
                    MAGICS,
                    "checkPrompt(\"When Sarah and John went to the store, John gave a drink to \");",
                    "end the prompt without one."));

    /** A patch by hand of a part of the layer's output. */
    private static String patch(String index) {
        String name = "\"blocks.1.attn.hook_z\"";
        String at = "new NDIndex(\"" + index + "\")";
        return "try (var c = model.cache(pairs.clean(), %s)) { checkPatch(Hooks.none().change(%s, (z, at) -> z.set(%s, c.get(%s).get(%s)))); }"
                .formatted(name, name, at, name, at);
    }

    @Override
    public String toString() {
        return notebook.substring(0, 2) + " " + cell;
    }
}
