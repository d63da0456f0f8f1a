package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.CheckpointException;

/** Pickles that would run something, or fill the memory, in a reader that does what they say. */
@Timeout(60)
class EvilPickleTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("evil.bin");
    }

    private void refused(TorchFile torch, String reason) {
        Path file = torch.write(file());
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "posix, system",
        "os, system",
        "nt, system",
        "subprocess, Popen",
        "builtins, eval",
        "builtins, exec",
        "builtins, getattr",
        "__builtin__, eval",
        "torch.hub, load",
        "torch.storage, _load_from_bytes",
        "torch, load",
        "torch._utils, _rebuild_tensor_v2.__globals__",
        "collections, OrderedDict.__init__",
        "collections.OrderedDict, __reduce__",
        "java.lang, Runtime"
    })
    void a_name_that_is_no_data_is_refused_by_that_name(String module, String name) {
        Path witness = folder.resolve("witness");
        TorchFile call = new TorchFile().code("}").text("a").global(module, name);
        refused(
                call.text("touch " + witness).code(0x85).code("Rs."),
                "evil.bin refers to %s.%s, which a state dict does not need; it was not run.".formatted(module, name));
        TorchFile stacked = new TorchFile().code("}").text(module).text(name).code(0x93);
        refused(stacked.code("."), "refers to %s.%s, which".formatted(module, name));
        assertThat(witness).doesNotExist();
    }

    @Test
    void a_name_that_is_assembled_by_a_chain_of_calls_gets_nowhere() {
        TorchFile chain = new TorchFile()
                .code("}")
                .text("a")
                .global("builtins", "getattr")
                .code("(");
        refused(
                chain.global("builtins", "__import__")
                        .text("os")
                        .code(0x85)
                        .code("R")
                        .text("system")
                        .code("tRs."),
                "refers to builtins.getattr, which");
        refused(
                new TorchFile()
                        .global("collections", "OrderedDict")
                        .code(")R")
                        .text("x")
                        .code(0x85)
                        .code("R."),
                "it calls what is no function");
        refused(new TorchFile().global("torch", "FloatStorage").code(")R."), "it calls what is no function");
    }

    /** INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, REDUCE-less byte arrays and buffers. */
    @ParameterizedTest
    @ValueSource(ints = {'i', 'o', 0x81, 0x92, 0x82, 0x83, 0x84, 'P', 'B', 'C', 0x96, 0x97, 0x8f, 0x91, 'I', 'S', 0xff})
    void instructions_that_data_does_not_need_are_refused(int code) {
        refused(
                new TorchFile().code("(").code(code).code("posix\nsystem\n."),
                "refers to the pickle instruction 0x%02x, which a state dict does not need; it was not run."
                        .formatted(code));
    }

    @Test
    void attributes_are_set_on_nothing_but_dictionaries() {
        refused(
                new TorchFile().tensor("Float", "0", 1, 0, new long[] {1}, 1).code("}b."),
                "refers to attributes of an object that is no dictionary, which");
    }

    @Test
    void control_characters_and_long_names_do_not_reach_the_message() {
        refused(new TorchFile().global("a\u001b[2J", "b".repeat(5000)), "refers to a?[2J.bbb");
        refused(new TorchFile().global("a", "b".repeat(5000)), "b..., which");
    }

    @Test
    void a_storage_is_named_and_never_a_path() {
        refused(
                new TorchFile()
                        .code("}")
                        .text("a")
                        .tensor("Float", "../../../etc/passwd", 1, 0, new long[] {1}, 1)
                        .code("s."),
                "(data/../../../etc/passwd) are missing");
    }

    @Test
    void a_list_that_contains_itself_is_refused() {
        refused(
                new TorchFile()
                        .code("}")
                        .text("a")
                        .code("]q")
                        .code(0)
                        .code("h")
                        .code(0)
                        .code("as."),
                "nested deeper");
    }

    @Test
    void lists_that_double_at_each_level_are_refused() {
        TorchFile bomb = new TorchFile().code("}").text("a").code("]");
        for (int level = 0; level < 40; level++) {
            bomb.code('q', level).code("0](").code('h', level).code('h', level).code("e");
        }
        refused(bomb.code("s."), "it has more than 2000000 values");
    }

    @Test
    void a_tower_of_tuples_is_refused() {
        TorchFile tower = new TorchFile().code("}").text("a").code(")");
        for (int level = 0; level < 100_000; level++) {
            tower.code(0x85);
        }
        refused(tower.code("s."), "nested deeper than 64");
    }

    @Test
    void more_values_than_a_state_dict_has_are_refused() {
        refused(new TorchFile().code("]".repeat(2_000_001)), "its pickle has more than 2000000 values");
    }

    @Test
    void lengths_beyond_the_pickle_are_refused_before_anything_is_allocated() {
        refused(
                new TorchFile().code('X', 0xff, 0xff, 0xff, 0x7f),
                "a value of 2147483647 bytes goes beyond its pickle");
        refused(new TorchFile().code('X', 0xff, 0xff, 0xff, 0xff), "goes beyond its pickle");
        refused(
                new TorchFile().code(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                "a value of 18446744073709551615 bytes goes beyond its pickle");
        refused(new TorchFile().code("}"), "its pickle ends early");
    }

    @Test
    void a_stack_that_runs_empty_is_refused() {
        refused(new TorchFile().code("0."), "takes more values than there are");
        refused(new TorchFile().code("."), "takes more values than there are");
        refused(new TorchFile().code("}(s."), "takes more values than there are");
        refused(new TorchFile().code("t."), "ends a list that never began");
        refused(new TorchFile().code("h").code(9), "refers to the value 9, which is not there");
        refused(new TorchFile().code(")Na."), "it appends to what is no list");
        refused(new TorchFile().code("]NNs."), "it sets keys of what is no dictionary");
        refused(new TorchFile().code("})Ns."), "a key of a dictionary is neither text nor an integer");
        refused(new TorchFile().code("}NNsNNs."), "it names \"None\" twice");
    }
}
