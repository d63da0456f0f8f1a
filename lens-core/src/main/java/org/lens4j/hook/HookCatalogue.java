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
import java.util.regex.Pattern;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.UnknownNameException;

/**
 * The hook points one model has, by name and in firing order.
 *
 * <pre>{@code
 * model.hooks().matching("blocks.*.attn.hook_pattern");   // one for each layer
 * }</pre>
 */
public final class HookCatalogue {
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
        List<HookPoint> block = HookPoint.ofBlock();
        boolean blocksListed = false;
        for (HookPoint point : HookPoint.values()) {
            if (!point.inBlock()) {
                add(new HookName(point, HookName.NO_LAYER));
            } else if (!blocksListed) {
                blocksListed = true;
                for (int layer = 0; layer < config.nLayers(); layer++) {
                    for (HookPoint inBlock : block) {
                        add(new HookName(inBlock, layer));
                    }
                }
            }
        }
    }

    private void add(HookName name) {
        byName.put(name.full(), name);
    }

    /** All of them, gated ones too, in firing order. */
    public List<HookName> all() {
        return List.copyOf(byName.values());
    }

    /**
     * The point of that exact name.
     *
     * @throws UnknownNameException if this model has none; names the closest
     */
    public HookName named(String name) {
        return Optional.ofNullable(byName.get(name)).orElseThrow(() -> unknown(name));
    }

    /**
     * The points a name or glob stands for; {@code *} is any run of characters, {@code ?} any one.
     *
     * @param glob for example {@code blocks.*.hook_resid_post}
     * @return in firing order, at least one
     * @throws UnknownNameException if none matches
     */
    public List<HookName> matching(String glob) {
        if (!isGlob(glob)) {
            return List.of(named(glob));
        }
        Pattern pattern = pattern(glob);
        List<HookName> found = new ArrayList<>();
        byName.forEach((name, hook) -> {
            if (pattern.matcher(name).matches()) {
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
            wanted.addAll(isGlob(glob) && !firing.isEmpty() ? firing : found);
        }
        return byName.values().stream().filter(wanted::contains).toList();
    }

    /** Whether a point fires under these switches. */
    public static boolean isOpen(HookName name, Set<Gate> open) {
        return name.point().gate().map(open::contains).orElse(true);
    }

    /**
     * The shape a point's tensor has.
     *
     * @param name any point of this model
     * @param batch sequences in the run
     * @param pos positions in each
     */
    public Shape shape(HookName name, long batch, long pos) {
        return new Shape(name.point().axes().names().stream()
                .mapToLong(axis -> size(axis, batch, pos))
                .toArray());
    }

    private long size(String axis, long batch, long pos) {
        return switch (axis) {
            case "batch" -> batch;
            case "pos", "query_pos", "key_pos" -> pos;
            case "head" -> config.nHeads();
            case "d_head" -> config.dHead();
            case "d_model" -> config.dModel();
            case "d_mlp" -> config.dMlp();
            case "one" -> 1;
            default -> throw new IllegalStateException("Axis " + axis + " has no size.");
        };
    }

    private UnknownNameException unknown(String name) {
        return UnknownNameException.of(
                "hook point", name, modelName, byName.keySet(), "List them with %hooks or model.hooks().");
    }

    private static boolean isGlob(String name) {
        return name.contains("*") || name.contains("?");
    }

    private static Pattern pattern(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString());
    }
}
