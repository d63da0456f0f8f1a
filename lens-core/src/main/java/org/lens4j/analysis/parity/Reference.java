package org.lens4j.analysis.parity;

import ai.djl.ndarray.NDArray;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.cache.ActivationCache;
import org.lens4j.cache.CacheWriter;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.StoredType;
import org.lens4j.weights.TensorEntry;

/**
 * A safetensors file of token ids and of what some implementation computes for them: {@code tokens}, {@code logits} and
 * activations under TransformerLens's hook names. {@link CacheWriter} writes such a file. One file may hold several runs,
 * each under a prefix such as {@code raw/}: its groups.
 */
public final class Reference {
    private static final String SEPARATOR = "/";
    private static final Set<String> IDS = Set.of(CacheWriter.TOKENS, CacheWriter.DECODER_TOKENS);
    /** What a run was given besides tokens, of which a model is given nothing here. */
    private static final Set<String> INPUTS = Set.of("attention_mask", "token_type_ids");
    /** Ends the names of groups of runs with a mask. */
    private static final String MASKED = "_masked";
    /** Begins the names of groups that hold gradients. */
    private static final String GRADIENTS = "grad";

    private final Safetensors file;
    private final String group;

    private Reference(Safetensors file, String group) {
        this.file = file;
        this.group = group;
    }

    /**
     * Opens a file whose names stand without a prefix, or which has one group only.
     *
     * @throws CheckpointException if it is damaged or holds no activations
     * @throws UsageException if it has several groups; names them
     */
    public static Reference open(Path path) {
        Safetensors file = Safetensors.open(path);
        List<String> groups = groups(file);
        if (groups.isEmpty()) {
            throw new CheckpointException(
                    "%s holds no activations: none of its %d names is logits or a hook point. Write one with lens cache, or with CacheWriter."
                            .formatted(path, file.names().size()));
        }
        if (groups.size() > 1 && !groups.get(0).isEmpty()) {
            throw new UsageException("%s holds several runs: %s. Choose one with --group %s."
                    .formatted(path, String.join(", ", groups), groups.get(0)));
        }
        return new Reference(file, groups.get(0));
    }

    /**
     * Opens one group of a file.
     *
     * @param group the prefix of its names, for example {@code raw}
     * @throws CheckpointException if the file is damaged
     * @throws UnknownNameException if it has no such group; names the closest
     * @throws UsageException if the group is no plain run: it holds gradients, or was given more than tokens
     */
    public static Reference open(Path path, String group) {
        Safetensors file = Safetensors.open(path);
        String bare = group.replaceFirst("/+$", "");
        List<String> groups = groups(file);
        if (!groups.contains(bare)) {
            requirePlain(file, bare, groups);
        }
        if (!groups.contains(bare)) {
            throw UnknownNameException.of(
                    "group",
                    bare,
                    path.toString(),
                    groups.stream().filter(it -> !it.isEmpty()).toList(),
                    "A group is what stands before the slash: raw/logits.");
        }
        return new Reference(file, bare);
    }

    /**
     * The groups of a file, in its order; {@code ""} first, if there are names without a prefix.
     *
     * @throws CheckpointException if the file is damaged
     */
    public static List<String> groups(Path path) {
        return groups(Safetensors.open(path));
    }

    private static List<String> groups(Safetensors file) {
        return file.names().stream()
                .filter(it -> isOfRun(it.substring(it.indexOf(SEPARATOR) + 1)))
                .map(it -> it.substring(0, Math.max(0, it.indexOf(SEPARATOR))))
                .distinct()
                .filter(it -> !it.startsWith(GRADIENTS) && inputs(file, it).isEmpty())
                .sorted((a, b) -> Boolean.compare(b.isEmpty(), a.isEmpty()))
                .toList();
    }

    private static boolean isOfRun(String name) {
        return name.equals(Parity.LOGITS) || (name.contains("hook_") && !name.contains(SEPARATOR));
    }

    /** What a group's run was given besides tokens: in the group, or, if its name says so, beside it. */
    private static List<String> inputs(Safetensors file, String group) {
        return INPUTS.stream()
                .filter(it -> file.has(group + SEPARATOR + it) || (group.endsWith(MASKED) && file.has(it)))
                .sorted()
                .toList();
    }

    /** Says why a group that is there is none that can be compared. */
    private static void requirePlain(Safetensors file, String group, List<String> groups) {
        List<String> inputs = inputs(file, group);
        boolean gradients =
                group.startsWith(GRADIENTS) && file.names().stream().anyMatch(it -> it.startsWith(group + SEPARATOR));
        if (gradients || !inputs.isEmpty()) {
            throw new UsageException("Group %s of %s %s, and what is compared is a run of tokens alone. Compare %s."
                    .formatted(
                            group,
                            file.file(),
                            gradients
                                    ? "holds gradients of a number the file does not name"
                                    : "is of a run that was given %s too".formatted(String.join(" and ", inputs)),
                            groups.isEmpty() ? "another file" : "another group: " + String.join(", ", groups)));
        }
    }

    /** The file. */
    public Path path() {
        return file.file();
    }

    /** The group; {@code ""} where names have no prefix. */
    public String group() {
        return group;
    }

    /** The names of its tensors without the group, in the file's order; the token ids and gradients are not among them. */
    public List<String> names() {
        String prefix = prefix();
        return file.names().stream()
                .filter(it -> it.startsWith(prefix))
                .map(it -> it.substring(prefix.length()))
                .filter(it -> !it.contains(SEPARATOR) && !IDS.contains(it))
                // Gradients beside activations are of a metric the file does not name.
                .filter(it -> !it.endsWith(ActivationCache.GRADIENT))
                .toList();
    }

    private String prefix() {
        return group.isEmpty() ? "" : group + SEPARATOR;
    }

    /**
     * The ids the reference was computed from: the group's own {@code tokens}, otherwise the file's.
     *
     * @throws CheckpointException if there are none, or they are not int64 {@code [batch pos]}
     */
    public Tokens tokens() {
        return ids(CacheWriter.TOKENS)
                .orElseThrow(() -> new CheckpointException(
                        "%s holds no tokens, so nobody knows what was run. Add them: int64 [batch pos] under the name tokens."
                                .formatted(path())));
    }

    /**
     * What a decoder of its own had said, for models of two stacks: {@code decoder_tokens}.
     *
     * @throws CheckpointException if they are not int64 {@code [batch pos]}
     */
    public Optional<Tokens> decoderTokens() {
        return ids(CacheWriter.DECODER_TOKENS);
    }

    private Optional<Tokens> ids(String name) {
        return Optional.of(prefix() + name)
                .filter(file::has)
                .or(() -> Optional.of(name).filter(file::has))
                .map(file::entry)
                .map(entry -> ids(name, entry));
    }

    private Tokens ids(String name, TensorEntry entry) {
        if (entry.type() != StoredType.I64 || entry.shape().size() != 2) {
            throw new CheckpointException("%s of %s is %s %s, and int64 [batch pos] is needed. Write it so."
                    .formatted(name, path(), entry.type(), entry.shape()));
        }
        LongBuffer ids = file.bytes(entry.name()).asLongBuffer();
        int pos = Math.toIntExact(entry.dimensions()[1]);
        long[][] rows = new long[Math.toIntExact(entry.dimensions()[0])][pos];
        for (long[] row : rows) {
            ids.get(row);
        }
        return Tokens.of(rows);
    }

    /** The shape of one of its tensors. */
    List<Long> shape(String name) {
        return file.entry(prefix() + name).shape();
    }

    /** The numbers of one of its tensors, widened to float32. */
    float[] values(String name) {
        String full = prefix() + name;
        if (file.entry(full).type() == StoredType.I64) {
            LongBuffer stored = file.bytes(full).asLongBuffer();
            long[] ids = new long[stored.remaining()];
            stored.get(ids);
            return floats(ids);
        }
        try (Scope scope = Scope.root()) {
            NDArray read = FloatReader.read(file, full, scope);
            return read.toFloatArray();
        }
    }

    /** Whole numbers as floats; token ids are small enough to stay exact. */
    static float[] floats(long[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers[i];
        }
        return floats;
    }
}
