package org.lens4j.model;

/**
 * Functions that stay with a model until this is closed; closing twice does nothing.
 *
 * <pre>{@code
 * try (Attachment zeroed = model.attach(Hooks.none().edit("blocks.0.attn.hook_z", (z, at) -> z.zerosLike()))) {
 *     model.run(tokens);     // with it
 * }
 * model.run(tokens);         // without, also if something failed in between
 * }</pre>
 */
public interface Attachment extends AutoCloseable {
    @Override
    void close();
}
