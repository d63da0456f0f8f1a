package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.viz.TreeView.Leaf;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class TreeViewTest {
    private static List<Leaf> leaves(int layers) {
        List<Leaf> leaves = new ArrayList<>(List.of(new Leaf("hook_embed", "[4]", 16)));
        for (int layer = 0; layer < layers; layer++) {
            leaves.add(new Leaf("blocks." + layer + ".attn.hook_q", "[2, 2]", 16));
            leaves.add(new Leaf("blocks." + layer + ".hook_resid_post", "[4]", 1000));
        }
        return leaves;
    }

    @Test
    void branches_that_hold_the_same_stand_together_and_sizes_add_up() {
        assertThat(TreeView.of("Cache", leaves(3)).text()).isEqualTo("""
                        Cache: 7 names, 3.06 kB
                        ├─ hook_embed             [4]                    16 B
                        └─ blocks                                     3.05 kB
                           └─ 0–2                 3 alike, one shown  3.05 kB
                              ├─ attn                                    16 B
                              │  └─ hook_q        [2, 2]                 16 B
                              └─ hook_resid_post  [4]                 1.00 kB""");
    }

    @Test
    void a_branch_that_differs_stands_alone() {
        List<Leaf> leaves = leaves(3);
        leaves.set(2, new Leaf("blocks.0.hook_resid_post", "[8]", 2000));
        assertThat(TreeView.of("Cache", leaves).text().lines().map(line -> line.replaceAll(" +", " ")))
                .contains(" ├─ 0 2.02 kB", " └─ 1–2 2 alike, one shown 2.03 kB");
    }

    @Test
    void a_name_may_also_be_the_beginning_of_others() {
        assertThat(TreeView.of("t", List.of(new Leaf("a", "x", 1), new Leaf("a.b", "y", 2)))
                        .text())
                .isEqualTo("t: 2 names, 3 B\n├─ a     x  1 B\n└─ a        2 B\n   └─ b  y  2 B");
    }

    @Test
    void html_is_folded_and_can_be_searched_for_any_number() {
        Rendering shown = TreeView.of("Cache", leaves(3));
        Samples.standsAlone(shown);
        NodeList folded = Samples.live(shown).getElementsByTagName("details");
        assertThat(((Element) folded.item(0)).hasAttribute("open")).isTrue();
        assertThat(((Element) folded.item(1)).hasAttribute("open")).isFalse();
        assertThat(shown.html().orElseThrow()).contains("data-name=\"blocks.#.attn.hook_q\"");
    }

    @Test
    void a_large_model_stays_within_a_megabyte() {
        List<Leaf> leaves = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            leaves.add(new Leaf("blocks." + i + ".name_" + i, "[1024, 1024]", i));
        }
        Rendering shown = TreeView.of("Model", leaves);
        Samples.standsAlone(shown);
        assertThat(shown.text().lines()).hasSize(4002);
    }

    @Test
    void nothing_says_so() {
        assertThat(TreeView.of("Cache", List.of()).text()).isEqualTo("Cache: nothing");
    }
}
