package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;

/** The Java a magic prints: how it reads, and that it compiles in a cell and gives what the magic gives. */
class MagicJavaTest {
    private static final LiveNotebook NOTEBOOK = notebook();
    private static final Displays DISPLAYS = LensDisplays.standard();

    static LiveNotebook notebook() {
        try {
            return new LiveNotebook();
        } catch (Exception e) {
            throw new IllegalStateException("No notebook: " + e.getMessage(), e);
        }
    }

    @BeforeAll
    static void begin() throws Exception {
        NOTEBOOK.run("%load demo\n%prompt " + DemoMagics.PROMPT);
        NOTEBOOK.run("int one = 1; String text = \"Paris is in\"; var tokens = lens.tokens(text);");
        NOTEBOOK.run("""
                String part = "neuron"; String place = "head_out_by_pos"; String clean = lens.prompt();
                String corrupted = "When Mary and John went to the store, Mary gave a drink to";
                var tasks = IndirectObjects.standard();
                var pairs = tasks.withTemplates(tasks.templates().get(0)).pairs(lens.model(), 3, 1);
                var mixed = tasks.pairs(lens.model(), 3, 1);
                var texts = List.of("Mary and John", "Paris is in France");
                double half = 0.5; String mary = " Mary";
                var grid = lens.attention(1).slice("head", 0).slice("query_pos", 3);
                var tuned = TunedLens.identity(lens.model().config(), ResidualPoint.beforeBlocks(lens.model().config()));
                var happy = Steering.between(lens.model(), "blocks.1.hook_resid_pre", " Paris", " Rome");
                var same = lens.model().tokens(PaddingSide.RIGHT, clean, corrupted);
                """);
    }

    @AfterAll
    static void close() {
        NOTEBOOK.close();
    }

    private static String java(String line) throws Exception {
        return NOTEBOOK.run(with("--java", line)).orElseThrow().plain();
    }

    /** The line with another option, before the text of those that take one. */
    private static String with(String option, String line) {
        String[] nameAndRest = line.split(" ", 2);
        return nameAndRest[0] + " " + option + (nameAndRest.length == 2 ? " " + nameAndRest[1] : "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%load demo --as small",
                "%prompt " + DemoMagics.PROMPT,
                "%prompt",
                "%tokens",
                "%tokens a \"b\" \\ c",
                "%tokens $text",
                "%tokens -p $tokens",
                "%hooks blocks.$one.*",
                "%cache hook_embed blocks.*.hook_resid_post",
                "%cache hook_embed --as start",
                "%cache hook_embed -p \"a b\"",
                "%cache result$one --attn-result --float16 --budget $one",
                "%attn 1",
                "%attn 1.1",
                "%attn 1.1 --lines",
                "%attn $one.0 -p $text",
                "%attn 2 -p $tokens",
                "%logitlens",
                "%logitlens -k 2",
                "%logitlens -k $one -p \"The capital of France\"",
                "%logitlens --what entropy --mid",
                "%logitlens --what rank --target \" Mary\"",
                "%logitlens --what probability --target $mary --tuned $tuned",
                "%logitlens --what kl --tuned $tuned -p $tokens",
                "%logitlens -k 2 --mid",
                "%neurons 1",
                "%neurons $one -k 3 -p $text",
                "%neurons 1.37 2.$one",
                "%neurons 1.37 $one.4 --texts $texts -k 2 --context 3",
                "%tokensview",
                "%tokensview --by entropy -p $text",
                "%tokensview $grid",
                "%next",
                "%next -k 3 -p $text",
                "%dla \" Mary\"",
                "%dla \" Mary\" \" John\" --by head",
                "%dla \" Mary\" --by $part --position -2 -p $clean",
                "%patch \" Mary\" \" John\" --corrupted $corrupted",
                "%patch \" Mary\" --corrupted $corrupted --metric prob --noising --what attn_out --layers 0,$one",
                "%patch --pairs $pairs --what $place --metric logit_diff",
                "%patch --pairs $pairs --metric log_prob",
                "%patch --pairs $pairs --metric logit_diff --metric kl --what head_out",
                "%patch --pairs $pairs --each --what mlp_out",
                "%attribute \" Mary\" \" John\" --corrupted $corrupted --what head_out",
                "%attribute --corrupted $corrupted --steps 2 --metric kl --what mlp_out",
                "%attribute --pairs $mixed --metric logit --metric prob --what head_out --each",
                "%patch --pairs $mixed --noising --what resid_pre",
                "%ablate",
                "%ablate \" Mary\" \" John\" --what mlp_out",
                "%ablate \" Mary\" \" John\" --metric logit_diff --metric prob",
                "%ablate \" Mary\" --with mean --dataset $texts",
                "%ablate \" Mary\" --with resample --dataset $same --seed 3",
                "%ablate --with resample --dataset $same",
                "%heads",
                "%heads --detect induction --measure mul --seed $one",
                "%heads --composition k",
                "%heads -p \"Mary and John, Mary and John\"",
                "%models",
                "%models --use demo",
                "%models --known neo",
                "%caches",
                "%plan",
                "%plan result$one --attn-result -p $text",
                "%plan blocks.*.attn.hook_pattern --length 100 --batch $one",
                "%seed",
                "%seed 7",
                "%seed $one",
                "%config",
                "%generate -n 5",
                "%generate -n $one --temperature 1 --top-k 5 --top-p 0.9 -p $text",
                "%generate -n 6 --temperature $half --seed 4 --frequency-penalty 0.5 --stop . --stop $text --no-eos --no-cache",
                "%generate -n 4 -p $tokens --repetition-penalty 1.2",
                "%generate -n 4 --steer $happy --steer \"blocks.0.hook_resid_pre:2: Paris| Rome\"",
                "%steer blocks.1.hook_resid_pre \" Paris\" \" Rome\"",
                "%steer blocks.$one.hook_resid_pre $text \" Rome\" --strength -$half -n 2"
            })
    void the_java_call_gives_the_same_value_and_the_same_view(String line) throws Exception {
        Optional<MimeBundle> magic = NOTEBOOK.run(with("-o byMagic", line));
        Object byMagic = NOTEBOOK.variable("byMagic").orElseThrow();
        String shown = DISPLAYS.of(byMagic).plain();
        Optional<MimeBundle> call = NOTEBOOK.run(java(with("-o byJava", line)));
        Object byJava = NOTEBOOK.variable("byJava").orElseThrow();
        assertThat(DISPLAYS.of(byJava).plain()).isEqualTo(shown);
        assertThat(byJava).hasSameClassAs(byMagic);
        // A magic may say something below the picture; the picture is the same.
        call.ifPresent(view -> assertThat(magic.orElseThrow().data().getOrDefault(MimeBundle.PNG, ""))
                .as("the picture")
                .isEqualTo(view.data().getOrDefault(MimeBundle.PNG, "")));
        call.ifPresent(view ->
                assertThat(magic.orElseThrow().plain()).startsWith(view.plain().stripTrailing()));
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
                "%load notes.jsh | // %load runs the cells of a script one after the other; that is no call.",
                "%prompt Say \"hi\" to Mary | lens.prompt(\"Say \\\"hi\\\" to Mary\").tokens()",
                "%tokens a b | lens.tokens(\"a b\")",
                "%hooks blocks.1.* | lens.hooks(\"blocks.1.*\")",
                "%cache hook_embed blocks.*.hook_resid_post | lens.runWithCache(\"hook_embed\", \"blocks.*.hook_resid_post\")",
                "%cache hook_embed --as start | lens.runWithCacheAs(\"start\", \"hook_embed\")",
                "%cache hook_embed --float16 --budget 500 --as x | lens.keep(\"x\", lens.hooked().cache(lens.tokens(), RunOptions.defaults().withCached(\"hook_embed\").withFloat16Cache().withCacheBudget(CacheBudget.ofMegabytes(500))))",
                "%cache result0 --attn-result | lens.keep(\"cache\", lens.hooked().cache(lens.tokens(), RunOptions.defaults().withAttnResult().withCached(\"result0\")))",
                "%attn 1 | AttentionView.of(lens.attention(1))",
                "%attn 1 --lines | AttentionLinesView.of(lens.attention(1))",
                "%attn $one.2 | AttentionView.of(lens.attention(one), List.of(2))",
                "%attn 1 -p \"a b\" | AttentionView.of(AttentionPatterns.of(lens.hooked(), lens.tokens(\"a b\"), 1))",
                "%logitlens | lens.logitLens()",
                "%logitlens -k 3 | lens.logitLens(3)",
                "%next --top=$one | lens.next(one)",
                "%dla \" Mary\" \" John\" --by head | LogitAttribution.of(lens.model(), lens.tokens(), Answers.of(lens.model().answer(\" Mary\")).against(lens.model().answer(\" John\")), LogitAttribution.By.HEAD)",
                "%dla \" Mary\" --position -1 | LogitAttribution.of(lens.model(), lens.tokens(), Answers.of(lens.model().answer(\" Mary\")), LogitAttribution.By.LAYER, OptionalInt.of(-1))",
                "%patch \" Mary\" \" John\" --corrupted $corrupted --what head_out | ActivationPatch.of(lens.model(), PatchPairs.of(lens.tokens(), lens.tokens(corrupted)), PatchMetric.recovered(PatchMetric.logitDifference(lens.model().answer(\" Mary\"), lens.model().answer(\" John\")))).run(PatchSite.headOut())",
                "%patch --pairs pom.xml --metric kl --each | PatchView.inFull(new LengthGroups(PairFile.read(lens.model(), Path.of(\"pom.xml\"))).run(PatchSite.residPre(), group -> ActivationPatch.of(lens.model(), PatchPairs.of(group), PatchMetric.klToClean())))",
                "%ablate --layers 0,2 | Ablation.zero(lens.model(), lens.tokens(), PatchMetric.loss()).run(PatchSite.headOut().inLayers(0, 2))",
                "%heads | HeadScoresView.of(HeadScores.all(lens.model(), RepeatedTokens.random(lens.model().config(), 16, lens.seed())))",
                "%generate | Generation.of(lens.model(), lens.prompt(), GenerateOptions.of(40))",
                "%generate --temperature 0.8 --stop \\n | Generation.of(lens.model(), lens.prompt(), GenerateOptions.of(40).withSampler(Sampler.temperature(0.8).withSeed(lens.seed())).withStop(\"\\n\"))",
                "%steer blocks.1.hook_resid_pre a b | Steering.between(lens.model(), \"blocks.1.hook_resid_pre\", \"a\", \"b\").times(4)",
                "%logitlens --what rank --target \" Mary\" | LensNumber.RANK.of(LensReading.of(lens.model(), lens.tokens(), LensOptions.defaults().withTarget(lens.model().answer(\" Mary\"))))",
                "%neurons 1 | TokenView.of(NeuronActivations.strongest(lens.model(), lens.tokens(), 1, 5))",
                "%neurons $one.4 --texts a.txt | NeuronView.of(NeuronExamples.ofTexts(lens.model(), Files.readAllLines(Path.of(\"a.txt\")), List.of(new NeuronExamples.Neuron(one, 4)), 5, 8))",
                "%tokensview | TokenView.of(LensReading.of(lens.model(), lens.tokens(), LensOptions.defaults()))",
                "%models --use demo | lens.use(\"demo\").models()",
                "%unload demo small | lens.unload(\"demo\").unload(\"small\").models()",
                "%caches --drop cache | lens.drop(\"cache\").caches()",
                "%mem | lens.memory()",
                "%seed 7 | lens.seed(7L).seed()",
                "%config | lens.hooked().config()",
                "%plan result0 --attn-result --length 9 | CachePlan.of(lens.hooked().hooks(), List.of(\"result0\"), Set.of(Gate.ATTN_RESULT), 1, 9)",
                "%help | // %help only prints; it has no Java call."
            })
    void it_reads_as_one_would_write_it(String line, String java) throws Exception {
        assertThat(java(line)).isEqualTo(java);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%cache nothing", "%attn one", "%next -k x", "%load"})
    void a_call_that_cannot_be_written_changes_nothing(String line) throws Exception {
        Map<String, Integer> before = Map.of("caches", NOTEBOOK.lens().caches().size());
        try {
            NOTEBOOK.run(with("--java", line));
        } catch (Exception explained) {
            assertThat(explained.getMessage()).isNotBlank();
        }
        assertThat(Map.of("caches", NOTEBOOK.lens().caches().size())).isEqualTo(before);
        assertThat(List.of(NOTEBOOK.lens().prompt())).containsExactly(DemoMagics.PROMPT);
    }
}
