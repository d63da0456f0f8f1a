package org.lens4j.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.config.Stacks;

/**
 * BERT (Devlin et al., 2018): every position sees every other, norms stand behind each sum, and tokens have segments. The
 * head for masked tokens must be there; the pooler and the head for the next sentence are read where a checkpoint has them,
 * as a model fine-tuned on masked tokens alone has neither. Old checkpoints call a norm's gain gamma and its offset beta.
 */
final class Bert implements Family {
    private static final String BLOCK = "encoder.layer.{l}.";
    private static final String HEAD = "cls.predictions.";

    @Override
    public Set<String> architectures() {
        return Set.of("BertForMaskedLM", "BertForPreTraining");
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("hidden_size");
        int nHeads = json.integer("num_attention_heads");
        int nLayers = json.integer("num_hidden_layers");
        String positions = json.text("position_embedding_type", "absolute");
        if (!positions.equals("absolute")) {
            throw json.wrong("position_embedding_type", positions, "absolute");
        }
        ModelConfig config = ModelConfig.of(
                        "BertForMaskedLM",
                        new Sizes(
                                nLayers,
                                dModel,
                                json.integer("vocab_size"),
                                json.integer("max_position_embeddings", 512)),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm((float) json.number("layer_norm_eps", 1e-12))
                                .withLast(Norm.NONE)
                                .withAfterEmbedding(),
                        Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads))
                                .withBothDirections(),
                        new Mlp.Plain(
                                json.integer("intermediate_size"), ConfigFields.activation(json, "hidden_act", "gelu")))
                .withStacks(new Stacks.Encoder(json.integer("type_vocab_size", 2)));
        return new Blueprint(
                config,
                rows(config.attention()),
                new Blueprint.Tensors(
                        List.of("bert."),
                        json.tied(true),
                        List.of("embeddings\\.position_ids", "cls\\.predictions\\.decoder\\.bias"),
                        List.of("pooler\\..*", "nsp_head\\..*"),
                        Map.of("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta")));
    }

    private static List<Row> rows(Attention heads) {
        String self = BLOCK + "attention.self.";
        return new Rows()
                .add(Row.of(Row.EMBEDDING_OF_ENCODER, "embeddings.word_embeddings.weight", "v m -> v m"))
                .add(Row.of("embed.pos_embed.W_pos", "embeddings.position_embeddings.weight", "p m -> p m"))
                .add(Row.of(
                        "embed.token_type_embed.W_token_type", "embeddings.token_type_embeddings.weight", "t m -> t m"))
                .layerNorm("embed.ln", "embeddings.LayerNorm")
                .separateHeads(heads, self + "query", self + "key", self + "value", true)
                .attentionOut(BLOCK + "attention.output.dense", true)
                .layerNorm("blocks.{l}.ln1", BLOCK + "attention.output.LayerNorm")
                .plainMlp(BLOCK + "intermediate.dense", BLOCK + "output.dense")
                .layerNorm("blocks.{l}.ln2", BLOCK + "output.LayerNorm")
                .add(Row.of("mlm_head.W", HEAD + "transform.dense.weight", "w m -> m w")
                        .outsidePrefix())
                .add(Row.of("mlm_head.b", HEAD + "transform.dense.bias", "w -> w")
                        .outsidePrefix())
                .add(Row.of("mlm_head.ln.w", HEAD + "transform.LayerNorm.weight", "m -> m")
                        .outsidePrefix())
                .add(Row.of("mlm_head.ln.b", HEAD + "transform.LayerNorm.bias", "m -> m")
                        .outsidePrefix())
                .unembed(HEAD + "decoder.weight", Optional.of(HEAD + "bias"))
                .add(Row.of("pooler.W", "pooler.dense.weight", "w m -> m w"))
                .add(Row.of("pooler.b", "pooler.dense.bias", "w -> w"))
                .add(Row.of("nsp_head.W", "cls.seq_relationship.weight", "n m -> m n")
                        .outsidePrefix())
                .add(Row.of("nsp_head.b", "cls.seq_relationship.bias", "n -> n").outsidePrefix())
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "directionality",
                "pooler_fc_size",
                "pooler_num_attention_heads",
                "pooler_num_fc_layers",
                "pooler_size_per_head",
                "pooler_type");
    }
}
