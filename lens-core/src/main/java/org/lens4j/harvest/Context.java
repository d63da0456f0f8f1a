package org.lens4j.harvest;

/**
 * A piece of a document that is run by itself.
 *
 * @param document the document's number
 * @param offset of its line in the corpus
 * @param index which piece of it, from 0
 * @param ids what is fed
 * @param rows positions in it that become rows, ascending, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Context(long document, long offset, int index, long[] ids, int[] rows) {}
