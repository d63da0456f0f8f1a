package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.UsageException;

class ModelIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "EleutherAI/gpt-neo-125M", "Qwen/Qwen2.5-0.5B", "a/b_c.d-e", "_a/b_"})
    void names_of_the_hub_are_names(String name) {
        ModelId id = new ModelId(name);
        assertThat(ModelId.ofFolder(id.folder())).contains(id);
    }

    @Test
    void the_folder_is_the_one_huggingface_hub_uses() {
        assertThat(new ModelId("EleutherAI/gpt-neo-125M").folder()).isEqualTo("models--EleutherAI--gpt-neo-125M");
        assertThat(new ModelId("gpt2").folder()).isEqualTo("models--gpt2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "../../etc|leads to another folder",
                "a/..|leads to another folder",
                "./a|leads to another folder",
                "/etc/passwd|is an absolute path",
                "~/models|is an absolute path",
                "C:\\models|is an absolute path",
                "a\\b|has characters that are not",
                "a/b:c|has characters that are not",
                "a/b%2e|has characters that are not",
                "a/ü|has characters that are not",
                "a//b|has an empty part",
                "a/|has an empty part",
                "a/b/c|is not of the form org/name",
                "a/b c|is not of the form org/name",
                "con|reserves for a device",
                "a/NUL|reserves for a device",
                "Lpt1.txt/b|reserves for a device",
                "a/-b|begins or ends with '-'",
                "a/b.|ends with '.'",
                "a--b/c|has \"--\" in it",
                "a/b.git|ends with .git"
            })
    void what_could_become_another_path_is_refused(String name, String reason) {
        assertThatThrownBy(() -> new ModelId(name))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("cannot be the name of a model")
                .hasMessageContaining(reason)
                .hasMessageContaining("or the path of a directory");
    }

    @Test
    void a_name_longer_than_any_is_refused_and_not_repeated_whole() {
        assertThatThrownBy(() -> new ModelId("a/" + "b".repeat(200)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("more than 96 characters")
                .satisfies(it ->
                        assertThat(String.valueOf(it.getMessage()).length()).isLessThan(300));
        assertThatThrownBy(() -> new ModelId("")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> new ModelId("a\u0000b"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("\"a?b\"");
    }

    @Test
    void a_revision_may_have_folders_but_leads_nowhere_else() {
        assertThat(new Revision("refs/pr/1").isCommit()).isFalse();
        assertThat(new Revision(EmulatedHub.COMMIT).isCommit()).isTrue();
        for (String bad : new String[] {"../x", "/x", "a\\b", "nul", ""}) {
            assertThatThrownBy(() -> new Revision(bad))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("cannot be a revision");
        }
    }

    @Test
    void folders_of_other_things_are_no_models() {
        assertThat(ModelId.ofFolder("datasets--a--b")).isEmpty();
        assertThat(ModelId.ofFolder("models--a--b--c")).isEmpty();
        assertThat(ModelId.ofFolder("models--..")).isEmpty();
    }
}
