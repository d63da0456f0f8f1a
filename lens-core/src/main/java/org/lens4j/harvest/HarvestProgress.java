package org.lens4j.harvest;

/**
 * Where a harvest is.
 *
 * @param tokens run so far, those of earlier attempts included, without padding
 * @param expected tokens there will be in all, estimated from the bytes of the corpus that are read
 * @param rows in finished files
 * @param shards finished files
 */
public record HarvestProgress(long tokens, long expected, long rows, int shards) {}
