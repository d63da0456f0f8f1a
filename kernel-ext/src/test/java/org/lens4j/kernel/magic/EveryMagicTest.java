package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.error.Explained;
import org.lens4j.error.Shortened;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;

/** What holds for all magics. */
class EveryMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();

    @BeforeAll
    static void begin() {
        MAGICS.host().set("same", DemoMagics.PROMPT);
        MAGICS.host().set("other", DemoMagics.PROMPT.replace("John gave", "Mary gave"));
        MAGICS.host().set("heads", MAGICS.lens().attention(1));
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    @ParameterizedTest
    @MethodSource("names")
    void no_message_says_a_variable_in_full(String name) {
        MAGICS.host().set("long", "word".repeat(5000));
        MAGICS.host().set("big", List.of("word".repeat(5000)));
        for (String rest : List.of("$long", "$big", "a $big $long", "-p $long $big")) {
            try {
                run(name, rest);
            } catch (Exception e) {
                String message = String.valueOf(e.getMessage());
                assertThat(message.length())
                        .as(name + " " + rest + ": " + Shortened.of(message))
                        .isLessThan(1000);
            }
        }
    }

    static Stream<String> names() {
        return MAGICS.table().all().stream().map(Magic::name);
    }

    private static boolean isCell(String name) {
        return !MAGICS.table().get(name).takesLine();
    }

    private static MagicResult run(String name, String rest) throws Exception {
        return isCell(name) ? MAGICS.cell("%%" + name + " " + rest, "1") : MAGICS.run("%" + name + " " + rest);
    }

    @Test
    void there_are_these_magics() {
        assertThat(names())
                .containsExactly(
                        "ablate",
                        "attn",
                        "attribute",
                        "cache",
                        "caches",
                        "config",
                        "dla",
                        "export",
                        "generate",
                        "harvest",
                        "heads",
                        "help",
                        "hooks",
                        "load",
                        "logitlens",
                        "lsmagic",
                        "mem",
                        "models",
                        "neurons",
                        "next",
                        "patch",
                        "plan",
                        "prompt",
                        "prompts",
                        "seed",
                        "steer",
                        "sweep",
                        "tokens",
                        "tokensview",
                        "train",
                        "unload");
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_explains_itself_and_its_own_example_has_a_java_call(String name) throws Exception {
        String usage = run(name, "--help").shown().orElseThrow().plain();
        assertThat(usage).matches("(?s)%%?" + name + "\\b.*").contains("-o NAME", "--java", "--help", "Example: %");
        assertThat(MAGICS.shown("%help %" + name).plain()).isEqualTo(usage);
        String example = usage.substring(usage.indexOf("Example: ") + "Example: ".length());
        String rest = example.lines().findFirst().orElseThrow().replaceFirst("^%+" + name, "");
        String java = run(name, "--java" + rest).shown().orElseThrow().plain();
        assertThat(java).isNotBlank().doesNotContain("%s", "%d");
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_refuses_an_option_it_does_not_have(String name) {
        assertThatThrownBy(() -> run(name, "--jav"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%" + name + " has no option --jav. Closest: --java")
                .hasMessageContaining("See %" + name + " --help.");
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_has_a_line_in_the_help_and_in_the_list(String name) throws Exception {
        String percent = isCell(name) ? "%%" : "%";
        assertThat(MAGICS.shown("%help").plain()).containsPattern("\n  " + percent + name + " +[A-Z]");
        assertThat(MAGICS.shown("%lsmagic").plain()).containsPattern("(?m)^" + percent + name + "\\b");
    }

    @Test
    void the_help_goes_from_the_first_step_to_the_last() throws Exception {
        List<String> help = MAGICS.shown("%help").plain().lines().toList();
        assertThat(Arrays.asList("Models and prompts", "Activations", "This list", "Every magic takes"))
                .isSubsetOf(help)
                .isSortedAccordingTo((a, b) -> Integer.compare(help.indexOf(a), help.indexOf(b)));
        assertThat(help).allMatch(it -> it.length() <= 120);
    }

    @Test
    void an_unknown_magic_names_the_closest() {
        assertThatThrownBy(() -> MAGICS.run("%logitlnes"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("%logitlens");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%attn | takes one layer",
                "%attn 1 2 | takes one layer",
                "%attn one | must be a whole number, not \"one\"",
                "%attn 1.2.3 | takes LAYER or LAYER.HEAD",
                "%attn 99 | demo has no layer 99",
                "%attn 1.99 | has no head 99",
                "%attn -1 | demo has no layer -1",
                "%attn $layer | Unknown variable \"$layer\"",
                "%next many words | takes options only",
                "%next -k | needs a value",
                "%next -k x | must be a whole number",
                "%next -k 0 | 0 tokens were asked for",
                "%cache | needs the name of at least one hook point",
                "%cache blocks.0.hook_z | blocks.0.attn.hook_z",
                "%cache blocks.0.attn.hook_result | is off unless it is asked for: it costs extra memory. Add --attn-result.",
                "%cache blocks.*.hook_mlp_in | Add --mlp-in.",
                "%hooks a b | takes one glob",
                "%hooks nothing* | Unknown hook point",
                "%tokens -p a b | was given a text and another with -p",
                "%load | takes one model",
                "%load dmo | demo",
                "%load gpt2 --offline | offline",
                "%load demo --without fold_layernorm | Closest of 5: fold_ln",
                "%load demo --as-config gpt2 --offline | No model \"gpt2\"",
                "%load ./nowhere | No directory",
                "%load missing.jsh | found no readable script",
                "%dla | %dla needs an answer, one token, mostly with a space in front",
                "%dla a b c | takes an answer and a wrong one to compare it with, and 3 words were given",
                "%dla \" Mary gave\" | is 2 tokens",
                "%dla \" Mary\" --by heads | Unknown --by \"heads\" in %dla. Closest of 5: head",
                "%dla \" Mary\" --position 99 | 99",
                "%patch \" Mary\" \" John\" | %patch needs a second prompt",
                "%patch --corrupted x | needs an answer and a wrong one",
                "%patch \" Mary\" \" John\" --corrupted x | needs position for position",
                "%patch --what resid_pro --corrupted x | Unknown place to patch \"resid_pro\"",
                "%patch --answer \" Mary\" --corrupted x | Write it as a word: %patch [ANSWER [WRONG]], for example %patch \" Mary\" \" John\" --corrupted",
                "%harvest --hook a --in b --out c | Write it as a word: %harvest NAME|GLOB…, for example %harvest blocks.1",
                "%attn 1 --head 0 | Write it as a word: %attn LAYER[.HEAD], for example %attn 1.3. Closest: --help",
                "%patch \" Mary\" \" Mary\" --corrupted \"$same\" | are the same token",
                "%patch \" Mary\" \" John\" --corrupted \"$same\" | are the same tokens, so no patch changes anything",
                "%next -o lens | lens is the session's own variable. Keep the result under another name: -o next.",
                "%neurons 1.37 --texts src | cannot read \"src\" as UTF-8 text: it is a directory.",
                "%patch --pairs $none | Unknown variable \"$none\"",
                "%patch --pairs x | --pairs takes a file, or a Java variable with PromptPairs",
                "%patch --pairs pom.xml | Line 1 of pom.xml is no JSON object",
                "%patch --metric kl --metric kl --corrupted x | kl was asked for twice",
                "%patch --pairs x y | brings its own prompts and answers",
                "%attribute | needs an answer and a wrong one",
                "%attribute --steps -1 \" Mary\" \" John\" --corrupted \"$other\" | Gradients are to be integrated in -1 steps",
                "%ablate --with mean | needs prompts to take activations from",
                "%ablate --with nothing | There are zero, mean, resample.",
                "%ablate --dataset x | --dataset is for --with mean or --with resample",
                "%ablate --with mean --dataset x | takes a Java variable with Tokens or a list of texts",
                "%ablate --seed 1 | --seed is for --with resample",
                "%ablate \" Mary\" --metric logit_diff | needs a wrong answer too",
                "%ablate \" Mary\" \" John\" --metric recovered | there is one here. Use logit_diff.",
                "%ablate --layers 0,9 | has no layer 9",
                "%ablate --layers 0,x | must be a whole number, not \"x\"",
                "%heads --measure mul | is for one kind of head",
                "%heads --composition k --seed 1 | Leave out --seed.",
                "%heads -p x --seed 1 | Leave one of the two out.",
                "%heads 1 | takes options only",
                "%heads -p \"Paris is in\" | come",
                "%generate -n 0 | 0 new tokens were asked for",
                "%generate --temperature 0 --top-k 3 | have no use",
                "%generate --temperature x | must be a number, not \"x\"",
                "%generate --steer x | is not understood. Write a hook point",
                "%generate --steer nowhere:1:a|b | Unknown hook point \"nowhere\"",
                "%generate on | takes options only",
                "%steer blocks.1.hook_resid_pre a | takes a hook point and two texts, and 2 words were given",
                "%steer nowhere a b | Unknown hook point \"nowhere\"",
                "%steer blocks.0.attn.hook_pattern a b | a direction is added at positions",
                "%models demo | To choose a model write --use demo.",
                "%models --use dmo | Unknown model \"dmo\" in this session. Closest of 1: demo.",
                "%models --use demo --known x | Leave one out",
                "%unload | needs the name of a loaded model",
                "%caches x | takes options only",
                "%caches --drop x | Unknown cache \"x\"",
                "%mem x | takes options only",
                "%seed x | must be a whole number, not \"x\"",
                "%seed 1 2 | takes one whole number",
                "%config x | takes options only",
                "%plan nothing | Unknown hook point \"nothing\"",
                "%plan hook_embed --length 0 | --length must be 1 or more, not 0",
                "%plan blocks.0.attn.hook_result | Add --attn-result.",
                "%logitlens --what rank | needs a token to follow: --target",
                "%logitlens --what entropy --target \" Mary\" | is for --what rank and --what probability",
                "%logitlens --what entropy -k 3 | -k keeps tokens",
                "%logitlens --what entorpy | Unknown --what \"entorpy\"",
                "%logitlens --tuned nowhere.safetensors | nowhere.safetensors",
                "%logitlens --what rank --target \" Mary gave\" | is 2 tokens",
                "%help a b | one magic at a time",
                "%help atn | attn",
                "%help -o x | gives no value to keep in x"
            })
    void a_mistake_is_explained_and_nothing_is_lost(String line, String reason) throws Exception {
        assertThatThrownBy(() -> MAGICS.run(line))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
        assertThat(MAGICS.lens().prompt()).isEqualTo(DemoMagics.PROMPT);
        assertThat(MAGICS.value("%next -k 1", NextTokens.class).top().get(0).token())
                .isEqualTo(" Mary");
    }

    @Test
    void without_a_model_or_a_prompt_the_next_step_is_named() {
        try (LensSession empty = new LensSession()) {
            MagicTable magics = LensMagics.of(empty);
            for (String name : List.of("tokens", "hooks", "logitlens", "next", "attn 0", "cache hook_embed")) {
                assertThatThrownBy(() -> magics.run(DemoMagics.call("%" + name), MAGICS.host()))
                        .as(name)
                        .isInstanceOf(StateException.class)
                        .hasMessage("No model is loaded yet. Load one first: %load demo.");
            }
            assertThatThrownBy(() -> magics.run(MagicCall.line("prompt", ""), MAGICS.host()))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("No prompt is set yet.");
            empty.load("demo");
            for (String name : List.of("attn 0", "next", "logitlens", "tokens")) {
                assertThatThrownBy(() -> magics.run(DemoMagics.call("%" + name), MAGICS.host()))
                        .as(name)
                        .isInstanceOf(StateException.class)
                        .hasMessageContaining("No prompt is set yet.");
            }
        }
    }

    @Test
    void words_and_values_of_options_are_completed() {
        assertThat(complete("cache", "blocks.1.attn.hook_p")).containsExactly("blocks.1.attn.hook_pattern");
        assertThat(complete("cache", "--as", "blocks")).isEmpty();
        assertThat(complete("harvest", "a.*", "--dtype", "")).containsExactly("float16", "float32");
        assertThat(complete("load", "d")).contains("demo", "distilgpt2");
        assertThat(complete("load", "demo", "--without", "center_u")).containsExactly("center_unembed");
        assertThat(complete("load", "demo", "--without", "fold_ln,fold_v"))
                .containsExactly("fold_ln,fold_value_biases");
        assertThat(complete("load", "./w", "--as-config", "distil")).contains("distilgpt2");
        assertThat(complete("dla", "--by", "n")).containsExactly("neuron");
        assertThat(complete("patch", "--what", "head_out")).containsExactly("head_out", "head_out_by_pos");
        assertThat(complete("attn", "")).containsExactly("0", "1", "2");
        assertThat(complete("attn", "1.")).containsExactly("1.0", "1.1");
        assertThat(complete("help", "lo")).containsExactly("load", "logitlens");
        assertThat(complete("next", "--t")).containsExactly("--top");
        assertThat(complete("next", "-")).contains("-k", "-p", "-o", "--java", "--help");
    }

    private static List<String> complete(String name, String... words) {
        return MAGICS.table().get(name).complete(List.of(words));
    }
}
