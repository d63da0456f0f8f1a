package org.lens4j.kernel.display;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;
import javax.imageio.ImageIO;

/**
 * Turns any Java value into what a notebook shows. Types registered last are asked first, then {@link Shown}, then
 * pictures and arrays; everything else is its own {@code toString}.
 *
 * <pre>{@code Displays displays = Displays.standard().with(Table.class, t -> MimeBundle.text(t.print()));}</pre>
 *
 * <p>Immutable: {@link #with} gives a new registry.
 */
public final class Displays {
    private static final int MAX_ELEMENTS = 100;

    private record Entry<T>(Class<T> type, Function<? super T, MimeBundle> display) {
        MimeBundle apply(Object value) {
            return display.apply(type.cast(value));
        }
    }

    private final List<Entry<?>> entries;

    private Displays(List<Entry<?>> entries) {
        this.entries = List.copyOf(entries);
    }

    /** What every Java value gets: pictures as PNG, arrays with their elements, {@link Shown} as it says. */
    public static Displays standard() {
        return new Displays(List.of())
                .with(Object[].class, Displays::array)
                .with(RenderedImage.class, Displays::picture)
                .with(MimeBundle.class, bundle -> bundle)
                .with(Shown.class, Shown::shown);
    }

    /**
     * This registry with one more type.
     *
     * @param type values of it and of its subtypes
     * @param display gives their form; asked before everything registered earlier
     */
    public <T> Displays with(Class<T> type, Function<? super T, MimeBundle> display) {
        List<Entry<?>> more = new ArrayList<>();
        more.add(new Entry<>(type, display));
        more.addAll(entries);
        return new Displays(more);
    }

    /** The types that were registered, those asked first at the front. */
    public List<Class<?>> types() {
        return entries.stream().<Class<?>>map(Entry::type).toList();
    }

    /** What a notebook shows for {@code value}. */
    public MimeBundle of(Object value) {
        for (Entry<?> entry : entries) {
            if (entry.type().isInstance(value)) {
                return entry.apply(value);
            }
        }
        return value.getClass().isArray() ? array(value) : MimeBundle.text(String.valueOf(value));
    }

    private static MimeBundle picture(RenderedImage image) {
        String text = "[picture, %d × %d pixels]".formatted(image.getWidth(), image.getHeight());
        return MimeBundle.text(text).withPng(png(image));
    }

    /** The bytes of a PNG file with this picture. */
    public static byte[] png(RenderedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, "png", bytes)) {
                // The PNG writer knows no such colour model; one copy into a plain one and it does.
                ImageIO.write(plain(image), "png", bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A picture could not be written as PNG: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    private static BufferedImage plain(RenderedImage image) {
        BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = copy.createGraphics();
        graphics.drawRenderedImage(image, new java.awt.geom.AffineTransform());
        graphics.dispose();
        return copy;
    }

    private static MimeBundle array(Object array) {
        return MimeBundle.text(elements(array));
    }

    private static String elements(Object array) {
        int length = Array.getLength(array);
        StringJoiner joined = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < Math.min(length, MAX_ELEMENTS); i++) {
            Object element = Array.get(array, i);
            boolean nested = element != null && element.getClass().isArray();
            joined.add(nested ? elements(element) : String.valueOf(element));
        }
        if (length > MAX_ELEMENTS) {
            joined.add("… %d in all".formatted(length));
        }
        return joined.toString();
    }
}
