package org.lens4j.harvest;

import com.google.gson.JsonObject;

/**
 * Where in a corpus a file of rows begins. Contexts are run in the same batches whether a harvest was stopped or not, as
 * rounding may depend on what runs together; so a place is the beginning of a batch, and rows of it that are written already.
 *
 * @param offset of the line in the file, in bytes
 * @param document the line's number
 * @param context the document's context the batch begins with
 * @param tokens run before the batch
 * @param rows of the batch that are in earlier files
 */
record Place(long offset, long document, int context, long tokens, int rows) {
    static final Place START = new Place(0, 0, 0, 0, 0);

    static Place of(Context first, int rows) {
        return new Place(first.offset(), first.document(), first.index(), first.before(), rows);
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("byte_offset", offset);
        json.addProperty("document", document);
        json.addProperty("context", context);
        json.addProperty("tokens_before", tokens);
        json.addProperty("rows_to_skip", rows);
        return json;
    }

    static Place of(JsonObject json) {
        return new Place(
                json.get("byte_offset").getAsLong(),
                json.get("document").getAsLong(),
                json.get("context").getAsInt(),
                json.get("tokens_before").getAsLong(),
                json.get("rows_to_skip").getAsInt());
    }
}
