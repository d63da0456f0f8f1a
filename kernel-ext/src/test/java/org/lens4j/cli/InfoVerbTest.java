package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.kernel.TinyHub;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

class InfoVerbTest {
    private static final String NEO = TinyHub.neo().toString();

    private static JsonObject json(String... words) {
        MainTest.Ended ended = MainTest.lens(words);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines()).hasSize(1);
        return JsonParser.parseString(ended.out()).getAsJsonObject();
    }

    @Test
    void people_get_the_shape_the_hook_points_the_memory_and_the_report() {
        MainTest.Ended ended = MainTest.lens("info", "demo");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines())
                .anyMatch(it -> it.matches(" +n_layers +3 +.*"))
                .anyMatch(it ->
                        it.matches("  blocks.0.attn.hook_pattern +\\[batch=1 head=2 query_pos=10 key_pos=10] +800 B"))
                .anyMatch(it -> it.matches("  blocks.0.attn.hook_result +.* off without --attn-result"))
                .noneMatch(it -> it.contains("blocks.1."))
                .anyMatch(it -> it.startsWith("  full cache "));
        assertThat(ended.out().lines().count()).isLessThan(70);
    }

    @Test
    void machines_get_one_line_with_every_hook_point() {
        JsonObject info = json("info", NEO, "--json", "--tokens", "7");
        assertThat(info.keySet()).contains("name", "config", "parameters", "memory", "hooks", "report");
        assertThat(info.getAsJsonObject("config").get("n_layers").getAsInt()).isEqualTo(4);
        try (HookedTransformer model = Lens.load(NEO)) {
            assertThat(info.get("parameters").getAsLong())
                    .isEqualTo(model.parameters().count());
            List<String> names = info.getAsJsonArray("hooks").asList().stream()
                    .map(it -> it.getAsJsonObject().get("name").getAsString())
                    .toList();
            assertThat(names)
                    .isEqualTo(
                            model.hooks().all().stream().map(Object::toString).toList());
            long[] ids = new long[7];
            try (var run = model.runWithCache(Tokens.of(ids))) {
                JsonObject memory = info.getAsJsonObject("memory");
                assertThat(memory.get("cache_bytes").getAsLong())
                        .isEqualTo(run.cache().bytes());
                for (JsonElement hook : info.getAsJsonArray("hooks")) {
                    JsonObject object = hook.getAsJsonObject();
                    String name = object.get("name").getAsString();
                    Optional.of(name).filter(run.cache()::has).ifPresent(it -> assertThat(
                                    object.get("shape").toString())
                            .isEqualTo(run.cache()
                                    .get(it)
                                    .getShape()
                                    .toString()
                                    .replace("(", "[")
                                    .replace(")", "]")
                                    .replace(" ", "")));
                }
            }
        }
    }

    @Test
    void the_report_is_shown_whole_and_checked() {
        MainTest.Ended processed = MainTest.lens("info", NEO);
        assertThat(processed.out())
                .contains("sha256 ", "fold_ln, center_writing_weights, center_unembed, fold_value_biases")
                .containsPattern("self-check +passed: ")
                .containsPattern("zeros for +blocks\\.\\*\\.attn\\.b_Q, ");
        MainTest.Ended raw = MainTest.lens("info", NEO, "--no-processing");
        assertThat(raw.out()).contains("none: the weights are as in the file").containsPattern("self-check +passed: ");
        assertThat(MainTest.lens("info", NEO, "--no-check").out()).containsPattern("self-check +left out");
        JsonObject report = json("info", NEO, "--json").getAsJsonObject("report");
        assertThat(report.getAsJsonObject("self_check").get("passed").getAsBoolean())
                .isTrue();
    }

    @Test
    void a_length_the_model_cannot_read_is_refused() {
        MainTest.Ended ended = MainTest.lens("info", "demo", "--tokens", "65");
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).startsWith("--tokens 65 is no length of a text for demo. Use 1 to 64 (n_ctx).");
    }

    @Test
    void an_unknown_model_names_the_closest() {
        MainTest.Ended ended = MainTest.lens("info", "demoo");
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).startsWith("Unknown model \"demoo\" in ").contains("demo,");
    }

    @Test
    void an_encoder_has_its_own_hook_points_and_no_processing() {
        String bert = org.lens4j.kernel.TinyHub.neo().resolveSibling("bert").toString();
        MainTest.Ended ended = MainTest.lens("info", bert);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("BertForMaskedLM", "embed.hook_token_type_embed", "blocks.0.hook_normalized_resid_post")
                .contains("nsp_head.hook_nsp_out", "off without --next-sentence")
                .contains("processing (it does not apply: the rewrites are for decoders of one stack)");
    }
}
