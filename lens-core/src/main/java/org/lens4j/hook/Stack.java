package org.lens4j.hook;

/**
 * Which blocks a hook point is in. A model of one stack has {@code blocks}; one of two has an encoder's and a decoder's, and
 * the decoder's attention to the encoder counts as a stack of its own, so that its points need no second list.
 */
public enum Stack {
    /** The only stack. */
    BLOCKS("blocks.{l}."),
    /** The stack that reads. */
    ENCODER("encoder.{l}."),
    /** The stack that says. */
    DECODER("decoder.{l}."),
    /** How the stack that says attends to what the other read. */
    CROSS("decoder.{l}.cross_");

    private final String prefix;

    Stack(String prefix) {
        this.prefix = prefix;
    }

    /** The stack whose blocks begin with that word; {@link #BLOCKS} for none. */
    static Stack of(String word, boolean crossing) {
        if (crossing) {
            return CROSS;
        }
        return word.equals("encoder") ? ENCODER : word.equals("decoder") ? DECODER : BLOCKS;
    }

    /** The template of a point of {@link #BLOCKS}, in this stack. */
    String template(String inBlocks) {
        return inBlocks.replace(BLOCKS.prefix, prefix);
    }
}
