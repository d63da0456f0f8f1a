package org.lens4j.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lens4j.error.CheckpointException;

/** Which files of a model hold what. */
final class Checkpoints {
    static final String CONFIG = "config.json";
    static final String SAFETENSORS = "model.safetensors";
    static final String TOKENIZER = "tokenizer.json";

    /** Wanted where there are any, besides the configuration and the weights. */
    static final List<String> OPTIONAL = List.of(TOKENIZER, "tokenizer_config.json", "generation_config.json");

    /** Files that hold or list all weights, the best first; the last is what nanoGPT writes. */
    static final List<String> WEIGHTS = List.of(
            SAFETENSORS, SAFETENSORS + ".index.json", "pytorch_model.bin", "pytorch_model.bin.index.json", "ckpt.pt");

    /** How the last checkpoint of a training run with TransformerLens is called. */
    static final String NATIVE = "final.pth";

    private static final String INDEX = ".index.json";
    private static final long LARGEST_INDEX = 64L << 20;

    private Checkpoints() {}

    /** Whether a file lists shards instead of holding weights. */
    static boolean isIndex(String file) {
        return file.endsWith(INDEX);
    }

    /** Whether a file is named as weights are. */
    static boolean isWeights(String file) {
        return Stream.of(".safetensors", ".bin", ".pt", ".pth").anyMatch(file::endsWith);
    }

    /**
     * The files an index names, in alphabetical order.
     *
     * @throws CheckpointException if it is no index, or names a file outside its folder
     */
    static Set<String> shards(Path index) {
        try {
            if (Files.size(index) > LARGEST_INDEX) {
                throw new CheckpointException("%s has %s, which no list of shards has. Is it one?"
                        .formatted(index, FileSize.of(Files.size(index))));
            }
            Set<String> shards = new TreeSet<>();
            for (JsonElement shard : JsonParser.parseString(Files.readString(index))
                    .getAsJsonObject()
                    .getAsJsonObject("weight_map")
                    .asMap()
                    .values()) {
                shards.add(shard.getAsString());
            }
            for (String shard : shards) {
                SafeName.problemOfPath(shard).ifPresent(problem -> {
                    throw new CheckpointException("%s names the file \"%s\", which is refused: it %s."
                            .formatted(index, shard.replaceAll("\\p{Cntrl}", "?"), problem));
                });
            }
            return shards;
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | ClassCastException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw new CheckpointException(
                    "%s is no list of shards: it needs an object \"weight_map\" from tensors to files. Download it again."
                            .formatted(index),
                    e);
        }
    }

    /** The file in a directory that holds or lists the weights; empty if there is none or no telling which. */
    static Optional<Path> in(Path directory) {
        Optional<Path> usual = WEIGHTS.stream()
                .map(directory::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
        if (usual.isPresent()) {
            return usual;
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> candidates = files.filter(Files::isRegularFile)
                    .filter(it -> isWeights(String.valueOf(it.getFileName())))
                    .toList();
            List<Path> last = candidates.stream()
                    .filter(it -> it.toString().endsWith(NATIVE))
                    .toList();
            List<Path> chosen = last.isEmpty() ? candidates : last;
            return chosen.size() == 1 ? Optional.of(chosen.get(0)) : Optional.empty();
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s.".formatted(directory, e), e);
        }
    }
}
