package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.weights.SafetensorsRows.Column;

class SafetensorsRowsTest {
    private static final int WIDTH = 300_000;

    @TempDir
    Path folder;

    private static Map<String, Column> columns() {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put("id", new Column(StoredType.I64, 0));
        columns.put("wide", new Column(StoredType.F32, WIDTH));
        columns.put("narrow", new Column(StoredType.F16, 1));
        return columns;
    }

    private static void add(SafetensorsRows rows, int row) throws IOException {
        rows.append(
                "id",
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(row)
                        .flip());
        ByteBuffer wide = ByteBuffer.allocate(4 * WIDTH).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < WIDTH; i++) {
            wide.putFloat(row * 1000f + i);
        }
        rows.append("wide", wide.flip());
        rows.append(
                "narrow",
                ByteBuffer.allocate(2)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) row)
                        .flip());
    }

    private static void assertRows(Safetensors file, int count) {
        assertThat(file.entry("id").shape()).containsExactly((long) count);
        assertThat(file.entry("wide").shape()).containsExactly((long) count, (long) WIDTH);
        assertThat(file.entry("narrow").shape()).containsExactly((long) count, 1L);
        for (int row = 0; row < count; row++) {
            assertThat(file.bytes("id").getLong(8 * row)).isEqualTo(row);
            assertThat(file.bytes("wide").getFloat(4 * (row * WIDTH + WIDTH - 1)))
                    .isEqualTo(row * 1000f + WIDTH - 1);
            assertThat(file.bytes("narrow").getShort(2 * row)).isEqualTo((short) row);
        }
    }

    @Test
    void a_full_file_and_one_that_ends_early_are_whole_safetensors_files() throws IOException {
        for (int count : new int[] {0, 1, 3, 5}) {
            Path file = folder.resolve(count + ".safetensors");
            try (SafetensorsRows rows = SafetensorsRows.create(file, columns(), 5)) {
                for (int row = 0; row < count; row++) {
                    add(rows, row);
                }
                rows.finish();
            }
            assertRows(Safetensors.open(file), count);
        }
    }

    @Test
    void an_unfinished_file_is_taken_away() throws IOException {
        Path file = folder.resolve("x");
        try (SafetensorsRows rows = SafetensorsRows.create(file, columns(), 5)) {
            add(rows, 0);
            assertThat(file).exists();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void half_a_row_one_too_many_and_uneven_columns_are_refused() throws IOException {
        try (SafetensorsRows rows = SafetensorsRows.create(folder.resolve("x"), columns(), 1)) {
            assertThatThrownBy(() -> rows.append("id", ByteBuffer.allocate(4)))
                    .hasMessage("4 bytes behind 0 of 1 rows of id, of 8 bytes each, do not fit.");
            rows.append("id", ByteBuffer.allocate(8));
            assertThatThrownBy(() -> rows.append("id", ByteBuffer.allocate(8)))
                    .hasMessage("8 bytes behind 1 of 1 rows of id, of 8 bytes each, do not fit.");
            assertThatThrownBy(rows::finish)
                    .hasMessage("Columns of one file have different numbers of rows: {id=1, wide=0, narrow=0}");
        }
    }
}
