package org.lens4j.harvest;

import com.google.gson.JsonObject;

/**
 * Where in a corpus a file of rows begins. Contexts are run in the same batches whether a harvest was stopped or not, as
 * rounding may depend on what runs together; so a place is the beginning of a window of the corpus whose contexts are batched together, the batches of it that are
 * written already, and the rows of the next one that are.
 *
 * @param offset of the line in the file, in bytes
 * @param document the line's number
 * @param context the document's context the window begins with
 * @param tokens run before the window
 * @param batch of the window that is next, from 0
 * @param rows of the batch that are in earlier files
 */
record Place(long offset, long document, int context, long tokens, int batch, int rows) {
    static final Place START = new Place(0, 0, 0, 0, 0, 0);

    /** Where a window begins. */
    static Place of(Context first, long tokens) {
        return new Place(first.offset(), first.document(), first.index(), tokens, 0, 0);
    }

    /** A batch of this window. */
    Place at(int number) {
        return new Place(offset, document, context, tokens, number, 0);
    }

    /** The same with rows of the batch that are written. */
    Place behind(int written) {
        return new Place(offset, document, context, tokens, batch, written);
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("byte_offset", offset);
        json.addProperty("document", document);
        json.addProperty("context", context);
        json.addProperty("tokens_before", tokens);
        json.addProperty("batches_to_skip", batch);
        json.addProperty("rows_to_skip", rows);
        return json;
    }

    static Place of(JsonObject json) {
        return new Place(
                json.get("byte_offset").getAsLong(),
                json.get("document").getAsLong(),
                json.get("context").getAsInt(),
                json.get("tokens_before").getAsLong(),
                json.get("batches_to_skip").getAsInt(),
                json.get("rows_to_skip").getAsInt());
    }
}
