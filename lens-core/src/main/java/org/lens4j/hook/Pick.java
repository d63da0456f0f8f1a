package org.lens4j.hook;

import java.util.function.Predicate;

/**
 * Hook points that are meant: those a name or glob stands for and a predicate picks.
 *
 * @param glob a name or glob
 * @param where which of the points it stands for are meant
 */
public record Pick(String glob, Predicate<HookName> where) {
    /** All that a name or glob stands for. */
    public static Pick of(String glob) {
        return new Pick(glob, name -> true);
    }

    /** All that fire in a run and that a predicate picks. */
    public static Pick of(Predicate<HookName> where) {
        return new Pick("*", where);
    }
}
