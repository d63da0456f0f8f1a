package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lens4j.error.UnknownNameException;

class MagicTableTest {
    private record Named(String name) implements Magic {
        @Override
        public String summary() {
            return "does nothing";
        }

        @Override
        public String usage() {
            return "%" + name;
        }

        @Override
        public MagicResult run(MagicCall call, Host host) {
            return MagicResult.nothing();
        }
    }

    private final MagicTable table = MagicTable.of(new Named("load"), new Named("attn"), new Named("cache"));

    @Test
    void lists_magics_by_name() {
        assertThat(table.all()).extracting(Magic::name).containsExactly("attn", "cache", "load");
    }

    @Test
    void an_unknown_name_gets_the_closest_three_and_the_way_to_all() {
        assertThatThrownBy(() -> table.get("atn"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageStartingWith("Unknown magic \"%atn\" in this kernel. Closest of 3: %attn, ")
                .hasMessageEndingWith(" List them with %lsmagic.");
    }

    @Test
    void two_magics_of_one_name_are_a_mistake() {
        assertThatThrownBy(() -> MagicTable.of(new Named("load"), new Named("load")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Two magics are named %load");
    }
}
