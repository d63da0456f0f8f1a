package org.lens4j.error;

/**
 * What to do, where that is written one way in Java or a notebook and another way on the command line. Messages hold
 * {@link #text()}; the command line puts its own words in the place of it.
 */
public enum Advice {
    /** Where the names of hook points are. */
    LIST_HOOKS("List them with %hooks or model.hooks().", "List them with lens info MODEL --json."),
    /** How no token is drawn by chance. */
    LIKELIEST_TOKEN(
            "Use Sampler.greedy() for the likeliest token.",
            "Leave out --temperature, or give 0, for the likeliest token."),
    /** How a model without tokenizer is fed. */
    TOKEN_IDS("Use Tokens.of(ids)", "Give ids by --tokens, in verbs that have it"),
    /** Where tokens come twice. */
    REPEATED_TOKENS(
            "Give a text in which tokens come twice: RepeatedTokens.random(config, rows, length, seed).",
            "Give a text in which tokens come twice, or none: then random ones are read that do."),
    /** How one of several sequences is taken. */
    ONE_TEXT("Take one: tokens.sequences(0).", "Give --tokens one sequence, without a semicolon."),
    /** How a place without a name of its own is patched. */
    ANY_HOOK_POINT(
            "In Java any hook point can be patched: PatchSite.slices(…).",
            "A notebook can patch any hook point, lens patch these."),
    /** How another kind of head is looked for. */
    DRAWN_PATTERN("Or draw one: HeadPattern.custom(rows).", "A notebook can draw others."),
    /** How weights are left as they are in the file. */
    RAW_WEIGHTS("%load --no-processing, LoadOptions.noProcessing()", "--no-processing");

    private final String text;
    private final String words;

    Advice(String text, String words) {
        this.text = text;
        this.words = words;
    }

    /** In Java or a notebook. */
    public String text() {
        return text;
    }

    /** A message as the command line says it. */
    public static String onCommandLine(String message) {
        String said = message;
        for (Advice each : values()) {
            said = said.replace(each.text, each.words);
        }
        return said;
    }
}
