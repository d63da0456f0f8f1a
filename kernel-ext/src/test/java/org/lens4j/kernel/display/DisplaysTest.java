package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DisplaysTest {
    private final Displays displays = Displays.standard();

    @Test
    void anything_is_its_own_text() {
        assertThat(displays.of(List.of(1, 2))).isEqualTo(MimeBundle.text("[1, 2]"));
    }

    @Test
    void arrays_show_their_elements_and_end_early() {
        assertThat(displays.of(new int[][] {{1, 2}, {3}}).plain()).isEqualTo("[[1, 2], [3]]");
        assertThat(displays.of(new float[1000]).plain()).endsWith("0.0, … 1000 in all]");
    }

    @Test
    void a_picture_becomes_a_png_of_the_same_size() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_USHORT_565_RGB}) {
            MimeBundle bundle = displays.of(new BufferedImage(7, 5, type));
            byte[] png = Base64.getDecoder().decode(bundle.data().get(MimeBundle.PNG));
            BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
            assertThat(read.getWidth()).isEqualTo(7);
            assertThat(read.getHeight()).isEqualTo(5);
            assertThat(bundle.plain()).isEqualTo("[picture, 7 × 5 pixels]");
        }
    }

    @Test
    void a_value_may_say_itself_how_it_looks() {
        Shown bold = () -> MimeBundle.text("x").withHtml("<b>x</b>");
        assertThat(displays.of(bold).data()).containsEntry(MimeBundle.HTML, "<b>x</b>");
    }

    @Test
    void the_type_registered_last_is_asked_first() {
        Displays more = displays.with(Number.class, n -> MimeBundle.text("number"))
                .with(Integer.class, n -> MimeBundle.text("integer"));
        assertThat(more.of(3).plain()).isEqualTo("integer");
        assertThat(more.of(3.0).plain()).isEqualTo("number");
        assertThat(displays.of(3).plain()).isEqualTo("3");
    }

    @Test
    void a_bundle_without_text_is_refused() {
        assertThatThrownBy(() -> new MimeBundle(Map.of(MimeBundle.HTML, "<b>x</b>")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "A bundle for display has [text/html] but no text/plain. Start it with MimeBundle.text(..).");
    }
}
