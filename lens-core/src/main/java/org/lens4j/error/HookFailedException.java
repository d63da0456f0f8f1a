package org.lens4j.error;

/** A hook that threw. The run was stopped, its hooks are gone, the model is as it was. */
public final class HookFailedException extends RuntimeException implements Explained {
    /**
     * Names the hook point whose function threw.
     *
     * @param hookName the full name, for example {@code blocks.1.attn.hook_pattern}
     * @param cause what the function threw
     */
    public HookFailedException(String hookName, Throwable cause) {
        super(
                "The hook on %s threw %s. The run stopped and left no hook behind; correct the function and run again."
                        .formatted(hookName, cause),
                cause);
    }
}
