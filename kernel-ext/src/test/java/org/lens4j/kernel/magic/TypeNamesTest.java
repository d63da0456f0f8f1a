package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeNamesTest {
    @Test
    void a_public_class_is_its_own_name() {
        assertThat(TypeNames.of("x")).isEqualTo("java.lang.String");
        assertThat(TypeNames.of(new ArrayList<String>())).isEqualTo("java.util.ArrayList<?>");
        assertThat(TypeNames.of(new int[0][0])).isEqualTo("int[][]");
    }

    @Test
    void a_hidden_class_gets_what_it_is_to_others() {
        assertThat(TypeNames.of(List.of(1, 2, 3))).isEqualTo("java.util.List<?>");
        assertThat(TypeNames.of(Map.of(1, 2))).isEqualTo("java.util.Map<?, ?>");
        Runnable lambda = () -> {};
        assertThat(TypeNames.of(lambda)).isEqualTo("java.lang.Runnable");
    }

    @Test
    void a_value_without_any_public_type_is_an_object() {
        assertThat(TypeNames.of(new TypeNamesTest())).isEqualTo("Object");
    }

    @Test
    void a_message_says_a_type_without_its_package() {
        assertThat(TypeNames.withArticle(3)).isEqualTo("an Integer");
        assertThat(TypeNames.withArticle(List.of(1, 2))).isEqualTo("a List");
        assertThat(TypeNames.simple(Map.entry("a", 1))).isEqualTo("Map.Entry");
        assertThat(TypeNames.simple(new float[0])).isEqualTo("float[]");
    }
}
