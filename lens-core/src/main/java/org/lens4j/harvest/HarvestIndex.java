package org.lens4j.harvest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;

/**
 * What is on the disk of a harvest: {@code harvest.json}, which is replaced whenever a file of rows is finished. Immutable.
 *
 * <pre>{@code
 * for (HarvestIndex.Shard shard : HarvestIndex.read(folder).orElseThrow().shards()) {
 *     Safetensors rows = Safetensors.open(folder.resolve(shard.file()));
 *     rows.bytes("blocks.1.hook_resid_post");     // [row width]
 * }
 * }</pre>
 */
public final class HarvestIndex {
    /** The name of its file. */
    public static final String FILE = "harvest.json";

    private static final String FORMAT = "lens4j-harvest-2";
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final int DIFFERENCES_SHOWN = 6;

    private final JsonObject about;
    private final JsonObject sameness;
    private final List<Shard> shards;
    private final Optional<Place> next;

    private HarvestIndex(JsonObject about, JsonObject sameness, List<Shard> shards, Optional<Place> next) {
        this.about = about;
        this.sameness = sameness;
        this.shards = List.copyOf(shards);
        this.next = next;
    }

    /**
     * A finished file.
     *
     * @param file its name in the folder
     * @param rows it has
     */
    public record Shard(String file, long rows) {}

    /**
     * A harvest of which nothing is written.
     *
     * @param about where it comes from, for people
     * @param sameness what must be the same for a harvest to go on
     */
    static HarvestIndex fresh(JsonObject about, JsonObject sameness) {
        return new HarvestIndex(about, sameness, List.of(), Optional.of(Place.START));
    }

    /**
     * Reads what is in a folder.
     *
     * @return empty if there is no harvest in it
     * @throws UsageException if the file is damaged
     */
    public static Optional<HarvestIndex> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            String format = json.get("format").getAsString();
            if (!format.equals(FORMAT)) {
                throw new UsageException("%s is of the format %s, and this version knows %s. Name another folder."
                        .formatted(file, format, FORMAT));
            }
            List<Shard> shards = new ArrayList<>();
            for (JsonElement shard : json.getAsJsonArray("shards")) {
                JsonObject one = shard.getAsJsonObject();
                shards.add(
                        new Shard(one.get("file").getAsString(), one.get("rows").getAsLong()));
            }
            Optional<Place> next = Optional.ofNullable(json.get("next")).map(it -> Place.of(it.getAsJsonObject()));
            return Optional.of(
                    new HarvestIndex(json.getAsJsonObject("about"), json.getAsJsonObject("harvest"), shards, next));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException e) {
            throw new UsageException("%s is not what a harvest writes: %s. Name another folder, or empty this one."
                    .formatted(file, e.getMessage()));
        }
    }

    void write(Path folder) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("format", FORMAT);
        json.addProperty("complete", isComplete());
        json.addProperty("rows", rows());
        json.add("about", about);
        json.add("harvest", sameness);
        JsonArray files = new JsonArray();
        for (Shard shard : shards) {
            JsonObject one = new JsonObject();
            one.addProperty("file", shard.file());
            one.addProperty("rows", shard.rows());
            files.add(one);
        }
        json.add("shards", files);
        next.ifPresent(it -> json.add("next", it.json()));
        Durable.write(folder.resolve(FILE), GSON.toJson(json) + "\n");
    }

    /** This with a remark for people. */
    HarvestIndex remarking(String name, String text) {
        JsonObject more = about.deepCopy();
        more.addProperty(name, text);
        return new HarvestIndex(more, sameness, shards, next);
    }

    /** What was remarked under that name. */
    Optional<String> remark(String name) {
        return Optional.ofNullable(about.get(name)).map(JsonElement::getAsString);
    }

    /** This with one more file, behind which the next begins; empty at the end. */
    HarvestIndex with(Shard shard, Optional<Place> following) {
        List<Shard> more = new ArrayList<>(shards);
        more.add(shard);
        return new HarvestIndex(about, sameness, more, following);
    }

    /** This without anything to come. */
    HarvestIndex completed() {
        return new HarvestIndex(about, sameness, shards, Optional.empty());
    }

    /**
     * Refuses to go on with another harvest in the same files.
     *
     * @param asked what is asked for now
     */
    void requireSame(HarvestIndex asked, Path folder) {
        List<String> differences = Differences.between(sameness, asked.sameness);
        if (!differences.isEmpty()) {
            throw new UsageException(
                    "%s holds another harvest: %s%s. Ask for the same to go on with it, or name another folder."
                            .formatted(
                                    folder,
                                    String.join(
                                            "; ",
                                            differences.subList(0, Math.min(DIFFERENCES_SHOWN, differences.size()))),
                                    differences.size() > DIFFERENCES_SHOWN
                                            ? "; and %d more".formatted(differences.size() - DIFFERENCES_SHOWN)
                                            : ""));
        }
    }

    /** The finished files, in the order they were written. */
    public List<Shard> shards() {
        return shards;
    }

    /** Rows in all finished files. */
    public long rows() {
        return shards.stream().mapToLong(Shard::rows).sum();
    }

    /** The hook points that are columns, in firing order. */
    public List<String> hooks() {
        return sameness.getAsJsonArray("hooks").asList().stream()
                .map(it -> it.getAsJsonObject().get("name").getAsString())
                .toList();
    }

    /** Whether nothing is to come. */
    public boolean isComplete() {
        return next.isEmpty();
    }

    /** Where the next file begins; empty if nothing is to come. */
    Optional<Place> next() {
        return next;
    }
}
