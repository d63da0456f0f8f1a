package org.lens4j.hook;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.Advice;
import org.lens4j.error.Glob;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Axes;

/**
 * The hook points one model has, by name and in firing order.
 *
 * <pre>{@code
 * model.hooks().matching("blocks.*.attn.hook_pattern");   // one for each layer
 * }</pre>
 */
public final class HookCatalogue {
    private static final String HEAD = "head";
    private static final String KV_HEAD = "kv_head";
    /** Positions of the text an encoder reads, where a decoder looks at them. */
    private static final String INPUT_POS = "input_pos";

    private final ModelConfig config;
    private final String modelName;
    private final Map<String, HookName> byName = new LinkedHashMap<>();

    /**
     * Lists the points of a model.
     *
     * @param config the model's shape
     * @param modelName for messages
     */
    public HookCatalogue(ModelConfig config, String modelName) {
        this.config = config;
        this.modelName = modelName;
        boolean two = config.stacks() instanceof Stacks.EncoderDecoder;
        boolean blocksListed = false;
        for (HookPoint point : HookPoint.values()) {
            if (!point.inBlock()) {
                add(new HookName(point, HookName.NO_LAYER));
            } else if (!blocksListed) {
                blocksListed = true;
                addBlocks(two ? Stack.ENCODER : Stack.BLOCKS, config.nLayers());
            }
            if (two && point == HookPoint.ENCODER_FINAL_LN_NORMALIZED) {
                addBlocks(Stack.DECODER, config.decoder().nLayers());
            }
        }
    }

    private void addBlocks(Stack stack, int layers) {
        for (int layer = 0; layer < layers; layer++) {
            addBlock(stack, layer);
        }
    }

    private void addBlock(Stack stack, int layer) {
        List<HookPoint> points = HookPoint.ofBlock();
        for (HookPoint point : points) {
            if (point == HookPoint.EXPERT_GATE && config.mlp() instanceof Mlp.Experts mixture) {
                for (int expert = 0; expert < mixture.experts(); expert++) {
                    for (HookPoint inExpert :
                            points.stream().filter(HookPoint::inExpert).toList()) {
                        add(new HookName(inExpert, stack, layer, expert));
                    }
                }
            } else if (!point.inExpert()) {
                add(new HookName(point, stack, layer, HookName.NO_EXPERT));
            }
            if (stack == Stack.DECODER && point == HookPoint.CROSS_LN_NORMALIZED) {
                addBlock(Stack.CROSS, layer);
            }
        }
    }

    private void add(HookName name) {
        if (name.point().isIn(config, name.stack())) {
            byName.put(name.full(), name);
        }
    }

    /** All of them, gated ones too, in firing order. */
    public List<HookName> all() {
        return List.copyOf(byName.values());
    }

    /**
     * The point of that name.
     *
     * @param name full, or TransformerLens's short one, as an {@code ActivationCache} takes it: {@code pattern3}, {@code k-1}
     * @throws UnknownNameException if this model has none; names the closest
     */
    public HookName named(String name) {
        return find(name).or(() -> find(full(ShortName.of(name)))).orElseThrow(() -> unknown(name));
    }

    private String full(ShortName name) {
        return name.full(layer -> layer + config.nLayers());
    }

    /** The point of that exact name, if this model has one. */
    public Optional<HookName> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * The points a name or glob stands for; {@code *} is any run of characters, {@code ?} any one.
     *
     * @param glob for example {@code blocks.*.hook_resid_post}
     * @return in firing order, at least one
     * @throws UnknownNameException if none matches
     */
    public List<HookName> matching(String glob) {
        if (!Glob.isGlob(glob)) {
            return List.of(named(glob));
        }
        Glob pattern = Glob.of(glob);
        List<HookName> found = new ArrayList<>();
        byName.forEach((name, hook) -> {
            if (pattern.matches(name)) {
                found.add(hook);
            }
        });
        if (found.isEmpty()) {
            throw unknown(glob);
        }
        return found;
    }

    /**
     * The points several names or globs stand for, each once. A glob passes over points whose switch is off; an exact name
     * does not.
     *
     * @param globs names or globs
     * @param open the switches that are on
     * @return in firing order
     * @throws UnknownNameException if one of them matches nothing
     */
    public List<HookName> matching(Collection<String> globs, Set<Gate> open) {
        Set<HookName> wanted = new LinkedHashSet<>();
        for (String glob : globs) {
            List<HookName> found = matching(glob);
            List<HookName> firing =
                    found.stream().filter(it -> isOpen(it, open)).toList();
            wanted.addAll(Glob.isGlob(glob) && !firing.isEmpty() ? firing : found);
        }
        return byName.values().stream().filter(wanted::contains).toList();
    }

    /**
     * The points that are meant, each once. A glob, and a predicate, pass over points whose switch is off; an exact name does
     * not.
     *
     * @param picks names, globs and predicates
     * @param open the switches that are on
     * @return in firing order
     * @throws UnknownNameException if a name or glob matches nothing
     * @throws UsageException if a predicate picks nothing
     */
    public List<HookName> picked(Collection<Pick> picks, Set<Gate> open) {
        Set<HookName> wanted = new LinkedHashSet<>();
        picks.forEach(it -> wanted.addAll(picked(it, matching(List.of(it.glob()), open))));
        return byName.values().stream().filter(wanted::contains).toList();
    }

    /** The points that are meant, whatever switches are on; otherwise as {@link #picked(Collection, Set)}. */
    public List<HookName> picked(Pick pick) {
        return picked(pick, matching(pick.glob()));
    }

    private List<HookName> picked(Pick pick, List<HookName> from) {
        List<HookName> picked = from.stream().filter(pick.where()).toList();
        if (picked.isEmpty()) {
            throw new UsageException(
                    "A predicate picks none of the %d hook points that \"%s\" stands for in %s, so nothing would ever happen there. Look at model.hooks().all()."
                            .formatted(from.size(), pick.glob(), modelName));
        }
        return picked;
    }

    /** Whether a point fires under these switches. */
    public static boolean isOpen(HookName name, Set<Gate> open) {
        return name.point().gate().map(open::contains).orElse(true);
    }

    /**
     * The axes a point's tensor has in a run.
     *
     * @param name any point of this model
     * @param open the switches that are on: they give every head its input, or keys and values of its own
     */
    public Axes axes(HookName name, Set<Gate> open) {
        boolean perHead = open.contains(Gate.SPLIT_QKV_INPUT) || open.contains(Gate.ATTN_IN);
        boolean lastIsValues = open.contains(Gate.SPLIT_QKV_INPUT);
        boolean firstNorm = name.point() == HookPoint.LN1_SCALE || name.point() == HookPoint.LN1_NORMALIZED;
        List<String> axes = new ArrayList<>(name.point().axes().names());
        if (firstNorm && perHead) {
            axes.add(2, lastIsValues ? KV_HEAD : HEAD);
        }
        boolean everyHead = !config.attention().grouped() || open.contains(Gate.UNGROUPED_GQA);
        axes.replaceAll(axis -> axis.equals(KV_HEAD) && everyHead ? HEAD : axis);
        if (name.stack() == Stack.CROSS) {
            boolean ofKeys = name.point() == HookPoint.K || name.point() == HookPoint.V;
            axes.replaceAll(axis -> axis.equals("key_pos") || (ofKeys && axis.equals("pos")) ? INPUT_POS : axis);
        }
        return new Axes(axes);
    }

    /**
     * The shape a point's tensor has in a run without switches.
     *
     * @param name any point of this model
     * @param batch sequences in the run
     * @param pos positions in each; where one text is read and another said, in both
     */
    public Shape shape(HookName name, long batch, long pos) {
        return shape(name, Set.of(), batch, pos);
    }

    /**
     * The shape a point's tensor has.
     *
     * @param name any point of this model
     * @param open the switches that are on
     * @param batch sequences in the run
     * @param pos positions in each
     * @return with -1 where it depends on the tokens (how many a router sends to an expert)
     */
    public Shape shape(HookName name, Set<Gate> open, long batch, long pos) {
        List<String> axes = axes(name, open).names();
        return new Shape(axes.stream()
                .mapToLong(axis -> axis.equals("row") ? rows(name.point(), open, batch, pos) : size(axis, batch, pos))
                .toArray());
    }

    private long rows(HookPoint point, Set<Gate> open, long batch, long pos) {
        int keys = open.contains(Gate.UNGROUPED_GQA) ? config.nHeads() : config.nKvHeads();
        return switch (point) {
            case Q_NORM_SCALE, Q_NORM_NORMALIZED -> batch * pos * config.nHeads();
            case K_NORM_SCALE, K_NORM_NORMALIZED -> batch * pos * keys;
            default -> batch * pos;
        };
    }

    private long size(String axis, long batch, long pos) {
        return switch (axis) {
            case "batch" -> batch;
            case "pos", "query_pos", "key_pos", INPUT_POS -> pos;
            case HEAD -> config.nHeads();
            case KV_HEAD -> config.nKvHeads();
            case "d_head" -> config.dHead();
            case "d_model" -> config.dModel();
            case "d_mlp" -> config.dMlp();
            case "one" -> 1;
            case "is_next" -> 2;
            case "expert" -> config.mlp() instanceof Mlp.Experts mixture ? mixture.experts() : 0;
            case "choice" -> config.mlp() instanceof Mlp.Experts mixture ? mixture.perToken() : 0;
            case "routed" -> -1;
            default -> throw new IllegalStateException("Axis " + axis + " has no size.");
        };
    }

    private UnknownNameException unknown(String name) {
        String list = Advice.LIST_HOOKS.text();
        String advice = HookName.parse(name)
                .map(it -> elsewhere(it)
                        .map(layers -> "That point is in layers 0 to %d.".formatted(layers - 1))
                        .orElse("Other architectures have that point, models of this shape do not."))
                .map(it -> it + " " + list)
                .orElse(list);
        return UnknownNameException.of("hook point", name, modelName, byName.keySet(), advice);
    }

    /** How many layers have a point of which this layer does not; empty if none has. */
    private Optional<Integer> elsewhere(HookName name) {
        return byName.values().stream()
                .filter(it -> it.point() == name.point() && it.stack() == name.stack())
                .map(it -> it.layer() + 1)
                .max(Integer::compare);
    }
}
