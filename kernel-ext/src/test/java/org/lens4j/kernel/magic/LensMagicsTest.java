package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.Explained;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedTransformer;

class LensMagicsTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";
    private static final LensSession LENS = new LensSession();
    private static final MagicTable MAGICS = LensMagics.of(LENS);

    private final QuietHost host = new QuietHost();

    @TempDir
    private Path folder;

    @BeforeEach
    void load() {
        if (!LENS.hasModel()) {
            LENS.load("demo");
        }
        LENS.prompt(PROMPT);
    }

    @AfterAll
    static void close() {
        LENS.close();
    }

    private MagicResult run(String line) throws Exception {
        String[] nameAndRest = line.substring(1).split(" ", 2);
        return MAGICS.run(MagicCall.line(nameAndRest[0], nameAndRest.length == 2 ? nameAndRest[1] : ""), host);
    }

    private MimeBundle shown(String line) throws Exception {
        return run(line).shown().orElseThrow();
    }

    private <T> T value(String line, Class<T> type) throws Exception {
        return type.cast(run(line).value().orElseThrow());
    }

    static Stream<String> names() {
        return MAGICS.all().stream().map(Magic::name);
    }

    @Test
    void there_are_these_magics() {
        assertThat(names())
                .containsExactly(
                        "attn",
                        "cache",
                        "harvest",
                        "help",
                        "hooks",
                        "load",
                        "logitlens",
                        "lsmagic",
                        "next",
                        "prompt",
                        "tokens");
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_explains_itself_and_its_own_example_parses(String name) throws Exception {
        String usage = shown("%" + name + " --help").plain();
        assertThat(usage).startsWith("%" + name).contains("--java").contains("Example: %" + name);
        assertThat(shown("%help %" + name).plain()).isEqualTo(usage);
        String example = usage.substring(usage.indexOf("Example: ") + "Example: ".length());
        assertThat(run(example + (name.equals("prompt") || name.equals("tokens") ? "" : " --java"))
                        .shown())
                .isPresent();
    }

    @ParameterizedTest
    @MethodSource("names")
    void each_refuses_an_option_it_does_not_have(String name) {
        assertThatThrownBy(() -> run("%" + name + " --jav"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%" + name + " has no option --jav. Closest: --java")
                .hasMessageContaining("See %" + name + " --help.");
    }

    @Test
    void an_unknown_magic_names_the_closest() {
        assertThatThrownBy(() -> run("%logitlnes"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("%logitlens");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%load demo | lens.load(\"demo\")",
                "%load demo --as small | lens.load(\"demo\", \"small\")",
                "%load gpt2 --revision main --offline | lens.load(\"gpt2\", LoadOptions.defaults().withRevision(\"main\").withOffline())",
                "%load gpt2 --no-processing --no-check | lens.load(\"gpt2\", LoadOptions.defaults().noProcessing().withoutCheck())",
                "%load gpt2 --as x --without center_unembed,fold_ln --refactor | lens.load(\"gpt2\", \"x\", LoadOptions.defaults().without(Processing.Switch.CENTER_UNEMBED).without(Processing.Switch.FOLD_LN).with(Processing.Switch.REFACTOR_FACTORED_ATTN_MATRICES))",
                "%load ./w --as-config gpt2 --family f.json | lens.load(\"./w\", LoadOptions.defaults().asConfig(\"gpt2\").withFamily(Path.of(\"f.json\")))",
                "%prompt --java Say \"hi\" to Mary | lens.prompt(\"Say \\\"hi\\\" to Mary\")",
                "%tokens --java a b | lens.model().tokens(\"a b\")",
                "%hooks blocks.1.* | lens.hooks(\"blocks.1.*\")",
                "%cache hook_embed blocks.*.hook_resid_post | lens.runWithCache(\"hook_embed\", \"blocks.*.hook_resid_post\")",
                "%cache hook_embed --as start | lens.runWithCacheAs(\"start\", \"hook_embed\")",
                "%cache hook_embed --float16 --budget 500 --as x | lens.keep(\"x\", lens.hooked().cache(lens.tokens(), RunOptions.defaults().withCached(\"hook_embed\").withFloat16Cache().withCacheBudget(CacheBudget.ofMegabytes(500))))",
                "%cache result0 --attn-result | lens.keep(\"cache\", lens.hooked().cache(lens.tokens(), RunOptions.defaults().withAttnResult().withCached(\"result0\")))",
                "%attn 1 | AttentionView.of(lens.attention(1))",
                "%attn 1.2 | AttentionView.of(lens.attention(1), List.of(2))",
                "%attn 1 -p \"a b\" | AttentionView.of(AttentionPatterns.of(lens.model(), lens.model().tokens(\"a b\"), 1))",
                "%logitlens | lens.logitLens()",
                "%logitlens -k 3 | lens.logitLens(3)",
                "%next --top=4 | lens.next(4)"
            })
    void each_prints_the_java_call_it_stands_for(String line, String java) throws Exception {
        String asked = line.contains("--java") ? line : line + " --java";
        assertThat(shown(asked).plain()).isEqualTo(java);
    }

    @Test
    void a_prompt_is_taken_as_it_stands() throws Exception {
        run("%prompt The dogs -k don't \"bark\"");
        assertThat(LENS.prompt()).isEqualTo("The dogs -k don't \"bark\"");
        run("%prompt \" Mary \"");
        assertThat(LENS.prompt()).isEqualTo(" Mary ");
        MAGICS.run(MagicCall.cell("prompt", "", "two\nlines\n"), host);
        assertThat(LENS.prompt()).isEqualTo("two\nlines");
    }

    @Test
    void a_prompt_the_model_cannot_read_changes_nothing() {
        assertThatThrownBy(() -> run("%prompt " + " Mary".repeat(2000)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("and demo reads at most");
        assertThat(LENS.prompt()).isEqualTo(PROMPT);
    }

    @Test
    void tokens_are_shown_visible_with_their_ids() throws Exception {
        String text = shown("%tokens When Mary\n<b>").plain();
        assertThat(text).contains("<|endoftext|>").contains("·Mary").contains("⏎");
        assertThat(shown("%tokens <b>").data().get(MimeBundle.HTML)).doesNotContain("<b>");
    }

    @Test
    void a_cache_is_kept_and_replaced_and_the_replaced_one_is_freed() throws Exception {
        ActivationCache first =
                value("%cache blocks.1.hook_resid_post blocks.*.attn.hook_pattern", ActivationCache.class);
        assertThat(LENS.cache()).isSameAs(first);
        assertThat(first.names()).contains("blocks.1.hook_resid_post", "blocks.0.attn.hook_pattern");
        ActivationCache second = value("%cache hook_embed", ActivationCache.class);
        assertThat(LENS.cache()).isSameAs(second);
        assertThatThrownBy(() -> first.get("blocks.1.hook_resid_post")).isInstanceOf(StateException.class);
        ActivationCache named = value("%cache hook_embed --as other", ActivationCache.class);
        assertThat(LENS.cache("other")).isSameAs(named);
        assertThat(LENS.cache("cache")).isSameAs(second);
        assertThat(second.get("hook_embed").isReleased()).isFalse();
    }

    @Test
    void a_cache_over_its_budget_says_so_and_is_read_back() throws Exception {
        ActivationCache whole = value("%cache * --as whole", ActivationCache.class);
        assertThat(host.displayed()).as("a small cache needs no words").isEmpty();
        MagicResult result = run("%cache * --budget 0 --as spilled");
        assertThat(host.displayed()).hasSize(2);
        assertThat(host.displayed().get(0).plain())
                .contains("activations of 1 × ")
                .contains("Over the budget of 0.0 kB: about ");
        assertThat(host.displayed().get(1).plain())
                .startsWith("The budget was used up: ")
                .contains("temporary file");
        assertThat(result.shown().orElseThrow().plain()).contains("Cached activations, 0 B in memory, ");
        ActivationCache spilled = LENS.cache("spilled");
        for (String name : whole.names()) {
            assertThat(spilled.get(name).toByteBuffer())
                    .as(name)
                    .isEqualTo(whole.get(name).toByteBuffer());
        }
    }

    @Test
    void points_that_are_off_are_cached_with_their_switch_and_short_names_are_names() throws Exception {
        ActivationCache results = value("%cache result0 hook_tokens --attn-result --tokens", ActivationCache.class);
        assertThat(results.names()).containsExactly("hook_tokens", "blocks.0.attn.hook_result");
        assertThat(value("%cache pattern1 k-1 embed", ActivationCache.class).names())
                .containsExactly(
                        "hook_embed",
                        "blocks.1.attn.hook_pattern",
                        "blocks.%d.attn.hook_k".formatted(LENS.model().config().nLayers() - 1));
        assertThatThrownBy(() -> run("%cache patern1"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown hook point \"patern1\" in demo.");
    }

    @Test
    void a_float16_cache_takes_half_the_memory() throws Exception {
        ActivationCache whole = value("%cache hook_embed --as whole", ActivationCache.class);
        ActivationCache half = value("%cache hook_embed --float16 --as half", ActivationCache.class);
        assertThat(half.bytes()).isEqualTo(whole.bytes() / 2);
        assertThatThrownBy(() -> run("%cache hook_embed --budget -1"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--budget MB must be 0 or more, not -1. See %cache --help.");
    }

    @Test
    void a_cache_that_cannot_be_made_leaves_the_old_one() throws Exception {
        ActivationCache before = value("%cache hook_embed", ActivationCache.class);
        assertThatThrownBy(() -> run("%cache blocks.1.hook_resid_pst")).isInstanceOf(UnknownNameException.class);
        assertThat(LENS.cache()).isSameAs(before);
        assertThat(before.get("hook_embed").isReleased()).isFalse();
    }

    @Test
    void pictures_come_as_png_html_and_text() throws Exception {
        for (String line : List.of("%attn 1", "%attn 1.0", "%logitlens", "%next -k 3")) {
            assertThat(shown(line).data()).as(line).containsKeys(MimeBundle.PNG, MimeBundle.HTML, MimeBundle.TEXT);
        }
        assertThat(value("%attn 1", Grid.class).axes().get(0).name()).isEqualTo("head");
        assertThat(value("%logitlens", LogitLens.class).top()).isNotEmpty();
        assertThat(value("%next -k 3", NextTokens.class).top()).hasSize(3);
    }

    @Test
    void another_prompt_may_be_given_for_one_call() throws Exception {
        assertThat(value("%next -p \"The capital of France\"", NextTokens.class).prompt())
                .endsWith("The capital of France");
        assertThat(LENS.prompt()).isEqualTo(PROMPT);
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
                "%load | takes one model",
                "%load dmo | demo",
                "%load gpt2 --offline | offline",
                "%load demo --without fold_layernorm | Closest of 5: fold_ln",
                "%load demo --as-config gpt2 --offline | No model \"gpt2\"",
                "%load ./nowhere | No directory",
                "%load missing.jsh | found no readable script",
                "%help a b | one magic at a time",
                "%help atn | attn"
            })
    void a_mistake_is_explained_and_the_session_lives_on(String line, String reason) throws Exception {
        assertThatThrownBy(() -> run(line))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
        assertThat(value("%next -k 1", NextTokens.class).top()).hasSize(1);
    }

    @Test
    void a_script_or_notebook_is_run_instead_of_loaded() throws Exception {
        Path script = Files.writeString(folder.resolve("x.jsh"), "int a = 1;");
        run("%load \"" + script + "\"");
        Path notebook = Files.writeString(
                folder.resolve("x.ipynb"),
                "{\"cells\":[{\"cell_type\":\"markdown\",\"source\":\"# no\"},"
                        + "{\"cell_type\":\"code\",\"source\":[\"int b = 2;\\n\",\"b\"]},"
                        + "{\"cell_type\":\"code\",\"source\":\"b + a\"}],\"nbformat\":4}");
        run("%load \"" + notebook + "\"");
        assertThat(host.evaluated()).containsExactly("int a = 1;", "int b = 2;\nb", "b + a");
        Path broken = Files.writeString(folder.resolve("y.ipynb"), "{}");
        assertThatThrownBy(() -> run("%load \"" + broken + "\""))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is not a Jupyter notebook");
    }

    @Test
    void a_loaded_model_is_reported_in_three_lines() throws Exception {
        assertThat(shown("%load demo --as checked").plain().lines())
                .hasSize(3)
                .anyMatch(it -> it.startsWith("demo: GPTNeoForCausalLM, "))
                .anyMatch(it -> it.startsWith("weights: fold_ln, center_writing_weights, "))
                .anyMatch(it -> it.startsWith("self-check passed: "));
        assertThat(shown("%load demo --as raw --no-processing").plain()).contains("weights: raw, as in the file");
        assertThat(shown("%load demo --as less --without fold_ln --no-check").plain())
                .contains("weights: center_writing_weights, center_unembed, fold_value_biases")
                .endsWith("self-check left out");
        assertThat(LENS.model("raw").raw()).isSameAs(LENS.model("raw"));
        assertThat(LENS.model("raw").processed()).isNotSameAs(LENS.model("raw"));
        LENS.load("demo");
    }

    @Test
    void a_checkpoint_file_is_loaded_with_another_models_config() throws Exception {
        Path weights = folder.resolve("weights.safetensors");
        Path demo = ModelFiles.locate("demo").directory();
        Files.copy(demo.resolve("model.safetensors"), weights);
        HookedTransformer model =
                value("%load \"" + weights + "\" --as-config demo --as mine --no-check", HookedTransformer.class);
        assertThat(model.parameters().count())
                .isEqualTo(LENS.model("demo").parameters().count());
        LENS.load("demo");
    }

    @Test
    void words_are_completed() {
        assertThat(MAGICS.get("cache").complete(List.of("blocks.1.attn.hook_p")))
                .containsExactly("blocks.1.attn.hook_pattern");
        assertThat(MAGICS.get("load").complete(List.of("d"))).contains("demo", "distilgpt2");
        assertThat(MAGICS.get("load").complete(List.of("demo", "--without", "center_u")))
                .containsExactly("center_unembed");
        assertThat(MAGICS.get("load").complete(List.of("demo", "--without", "fold_ln,fold_v")))
                .containsExactly("fold_ln,fold_value_biases");
        assertThat(MAGICS.get("load").complete(List.of("./w", "--as-config", "distil")))
                .contains("distilgpt2");
        assertThat(MAGICS.get("attn").complete(List.of(""))).startsWith("0", "1");
        assertThat(MAGICS.get("help").complete(List.of("lo"))).containsExactly("load", "logitlens");
        assertThat(MAGICS.get("next").complete(List.of("--t"))).containsExactly("--top");
    }

    @Test
    void without_a_model_or_a_prompt_the_next_step_is_named() throws IOException {
        try (LensSession empty = new LensSession()) {
            MagicTable magics = LensMagics.of(empty);
            for (String name : List.of("tokens", "hooks", "logitlens", "next")) {
                assertThatThrownBy(() -> magics.run(MagicCall.line(name, ""), host))
                        .as(name)
                        .isInstanceOf(StateException.class)
                        .hasMessage("No model is loaded yet. Load one first: %load demo.");
            }
            assertThatThrownBy(() -> magics.run(MagicCall.line("prompt", ""), host))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("No prompt is set yet.");
            empty.load("demo");
            assertThatThrownBy(() -> magics.run(MagicCall.line("attn", "0"), host))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("No prompt is set yet.");
            assertThatThrownBy(empty::cache)
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("Nothing is cached yet.");
            assertThatThrownBy(() -> empty.model("gpt2"))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("demo");
            assertThatThrownBy(() -> empty.cache("x")).isInstanceOf(UnknownNameException.class);
        }
    }

    @Test
    void loading_again_replaces_and_frees_the_model() {
        try (LensSession lens = new LensSession()) {
            var first = lens.load("demo");
            var weight = first.parameters().get("embed.W_E");
            lens.load("demo", "other");
            assertThat(weight.isReleased()).isFalse();
            lens.load("demo");
            assertThat(weight.isReleased()).isTrue();
            assertThat(lens.models()).containsExactly("demo", "other");
            assertThat(lens.model()).isSameAs(lens.model("demo"));
        }
    }

    @Test
    void closing_the_session_frees_everything() {
        LensSession lens = new LensSession();
        var weight = lens.load("demo").parameters().get("embed.W_E");
        var embed = lens.prompt("When").runWithCache("hook_embed").get("hook_embed");
        lens.close();
        assertThat(weight.isReleased()).isTrue();
        assertThat(embed.isReleased()).isTrue();
        assertThatThrownBy(lens::model).isInstanceOf(StateException.class);
    }

    @Test
    void an_encoder_loads_by_its_path_and_other_magics_say_what_it_is() throws Exception {
        try (LensSession lens = new LensSession()) {
            MagicTable magics = LensMagics.of(lens);
            String bert = org.lens4j.kernel.TinyHub.neo().resolveSibling("bert").toString();
            assertThat(magics.run(MagicCall.line("load", bert + " --java"), host)
                            .shown()
                            .orElseThrow()
                            .plain())
                    .isEqualTo("lens.loadModel(%s, LoadOptions.defaults())".formatted(JavaText.literal(bert)));
            MagicResult loaded = magics.run(MagicCall.line("load", bert), host);
            assertThat(loaded.shown().orElseThrow().plain()).contains("BertForMaskedLM");
            assertThat(magics.run(MagicCall.line("hooks", "blocks.0.*"), host)
                            .shown()
                            .orElseThrow()
                            .plain())
                    .contains("blocks.0.hook_normalized_resid_post");
            assertThat(lens.encoder()).isSameAs(lens.hooked());
            assertThatThrownBy(() -> magics.run(MagicCall.line("logitlens", ""), host))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "bert is a HookedEncoder, and this is for a HookedTransformer. It is lens.encoder(), or of any class lens.hooked().");
            assertThatThrownBy(() -> lens.load(bert)).isInstanceOf(UsageException.class);
            assertThat(lens.encoder().parameters().get("mlm_head.W").isReleased())
                    .isFalse();
        }
    }
}
