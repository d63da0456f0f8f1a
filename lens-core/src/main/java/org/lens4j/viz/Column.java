package org.lens4j.viz;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Several results one below another, as one. */
final class Column {
    private Column() {}

    /**
     * All of them in every form that each of them has.
     *
     * @param parts at least one
     */
    static Rendering of(List<Rendering> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Rendering whole = Rendering.of(parts.stream().map(Rendering::text).collect(Collectors.joining("\n\n")));
        if (parts.stream().allMatch(it -> it.html().isPresent())) {
            whole = whole.withHtml(
                    parts.stream().map(it -> it.html().orElseThrow()).collect(Collectors.joining("\n<br>\n")));
        }
        if (parts.stream().allMatch(it -> it.png().isPresent())) {
            String alt = parts.stream().map(Rendering::alt).collect(Collectors.joining(" "));
            whole = whole.withPng(Ink.png(below(parts)), alt);
        }
        return whole;
    }

    private static BufferedImage below(List<Rendering> parts) {
        List<BufferedImage> images = parts.stream()
                .map(Rendering::png)
                .flatMap(Optional::stream)
                .map(Column::image)
                .toList();
        int width = images.stream().mapToInt(BufferedImage::getWidth).max().orElse(1);
        int height = images.stream().mapToInt(BufferedImage::getHeight).sum();
        BufferedImage page = Ink.page(width, height);
        Graphics2D g = page.createGraphics();
        int y = 0;
        for (BufferedImage image : images) {
            g.drawImage(image, 0, y, null);
            y += image.getHeight();
        }
        g.dispose();
        return page;
    }

    private static BufferedImage image(byte[] png) {
        try {
            return Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(png)))
                    .orElseThrow(() -> new IOException("this Java has no PNG reader"));
        } catch (IOException e) {
            throw new UncheckedIOException("The picture could not be read as PNG.", e);
        }
    }
}
