package org.lens4j.kernel.magic;

import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names, as Java code, the most precise type of a value that a cell can use. */
public final class TypeNames {
    private TypeNames() {}

    /** The value's own class where it is public, else its nearest public supertype that says something. */
    public static String of(Object value) {
        return of(value.getClass());
    }

    private static String of(Class<?> type) {
        for (@Nullable Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            // AbstractMap and its like are for those who write a Map, not for those who have one.
            boolean skeleton = c != type && c.getSimpleName().startsWith("Abstract");
            if (isUsable(c) && !skeleton) {
                return name(c);
            }
            Optional<Class<?>> telling = usableInterface(c);
            if (telling.isPresent()) {
                return name(telling.get());
            }
        }
        return "Object";
    }

    /** {@link #of} without packages and type parameters, for messages. */
    public static String simple(Object value) {
        return simple(value.getClass());
    }

    /** {@link #simple(Object)} of values of a class. */
    public static String simple(Class<?> type) {
        return of(type).replaceAll("<.*>", "").replaceAll("\\b\\p{Lower}[\\w$]*\\.", "");
    }

    /** {@link #simple} with its article: {@code an Integer}. */
    public static String withArticle(Object value) {
        String simple = simple(value);
        return ("AEIOU".indexOf(simple.charAt(0)) >= 0 ? "an " : "a ") + simple;
    }

    private static Optional<Class<?>> usableInterface(Class<?> type) {
        for (Class<?> candidate : type.getInterfaces()) {
            boolean marker = candidate.getMethods().length == 0;
            if (isUsable(candidate) && !marker) {
                return Optional.of(candidate);
            }
            Optional<Class<?>> above = usableInterface(candidate);
            if (above.isPresent()) {
                return above;
            }
        }
        return Optional.empty();
    }

    private static boolean isUsable(Class<?> type) {
        if (type.isArray()) {
            Class<?> element = type.getComponentType();
            return element.isPrimitive() || isUsable(element);
        }
        boolean exported = type.getModule().isExported(type.getPackageName());
        boolean named = type.getCanonicalName() != null;
        for (@Nullable Class<?> c = type; c != null; c = c.getEnclosingClass()) {
            if (!Modifier.isPublic(c.getModifiers())) {
                return false;
            }
        }
        return exported && named;
    }

    private static String name(Class<?> type) {
        int parameters = type.getTypeParameters().length;
        String wildcards = parameters == 0 ? "" : "<" + String.join(", ", Collections.nCopies(parameters, "?")) + ">";
        return String.valueOf(type.getCanonicalName()) + wildcards;
    }
}
