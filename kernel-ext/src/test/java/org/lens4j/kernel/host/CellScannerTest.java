package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.magic.MagicCall;

class CellScannerTest {
    @Test
    void a_line_magic_stands_between_java_and_java() {
        List<CellPart> parts = CellScanner.scan("int a = 1;\n%attn 3 --png\nint b = 2;");
        assertThat(parts)
                .containsExactly(
                        new CellPart.Java("int a = 1;\n", 0),
                        new CellPart.Magic(MagicCall.line("attn", "3 --png"), Optional.empty(), 1),
                        new CellPart.Java("\nint b = 2;", 1));
    }

    @Test
    void a_cell_magic_takes_the_rest_of_the_cell_as_it_is() {
        assertThat(CellScanner.scan("\n%%prompt -o p\nWhen \"Mary\n  %attn 3\n"))
                .containsExactly(new CellPart.Magic(
                        MagicCall.cell("prompt", "-o p", "When \"Mary\n  %attn 3\n"), Optional.empty(), 1));
    }

    @Test
    void a_cell_magic_may_have_no_body() {
        assertThat(CellScanner.scan("%%prompt"))
                .containsExactly(new CellPart.Magic(MagicCall.cell("prompt", "", ""), Optional.empty(), 0));
    }

    @Test
    void a_cell_magic_further_down_says_where_it_belongs() {
        assertThatThrownBy(() -> CellScanner.scan("int a = 1;\n%%prompt x"))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "\"%%prompt x\" is on line 2 of its cell, but a %% magic takes the whole cell. Make it the first line, or give it a cell of its own.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int c = a\n  % b;",
                "int c = a\n  %b;",
                "int c = a\n%b;",
                "int c = (a)\n  %b;",
                "int c = x[0]\n  %b;",
                "int c = 7\n  %b;",
                "int c = a++\n  %b;",
                "int c = f(a\n  %b);",
                "int c = f(a,\n  b\n  %c);",
                "int c = a // seven\n  %b;",
                "int c = a /* seven */\n  %b;",
                "int c = switch (a) { case 1 -> 2; default -> 3; }\n  %b;",
                "return a\n  %b;",
                "int c = a % b; int d = a %b;",
                "var s = \"\"\"\n  %attn 3\n  %%prompt\n  \\\"\"\"\n  %load x\n  \"\"\";",
                "/*\n%attn 3\n*/",
                "// %attn 3\n//%load x",
                "String s = \"= %attn\"; char c = '%'; char q = '\"'; String t = \"\\\"\"; // \"\n int x = a\n  %b;",
                "String s = String.format(\"%d\",\n 3);",
                "int unclosed = \"abc\n  %b;",
                "% attn",
                "%",
                "%3;"
            })
    void percent_in_java_is_java(String code) {
        assertThat(CellScanner.scan(code)).containsExactly(new CellPart.Java(code, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int c = a % b;\n%attn 3",
                "foo();\n   %attn 3",
                "if (x) { y(); }\n%attn 3",
                "class A { }\n%attn 3",
                "// a comment\n%attn 3",
                "switch (a) { case 1 -> f(); default -> g(); }\n%attn 3",
                "int[] a = {1, 2};\n%attn 3",
                "var s = \"\"\"\n  text\n  \"\"\";\n%attn 3"
            })
    void percent_after_a_statement_is_a_magic(String code) {
        List<CellPart> parts = CellScanner.scan(code);
        assertThat(parts).hasSize(2);
        assertThat(parts.get(1)).isInstanceOfSatisfying(CellPart.Magic.class, magic -> assertThat(magic.call())
                .isEqualTo(MagicCall.line("attn", "3")));
    }

    @Test
    void var_takes_the_value_of_a_magic() {
        assertThat(CellScanner.scan("int a = 1;\n/* it */ var r = %attn 3;\nr"))
                .containsExactly(
                        new CellPart.Java("int a = 1;\n/* it */ ", 0),
                        new CellPart.Magic(MagicCall.line("attn", "3"), Optional.of("r"), 1),
                        new CellPart.Java("\nr", 1));
    }

    @Test
    void an_assignment_with_a_type_becomes_a_call() {
        assertThat(CellScanner.scan("List<String> l = %hooks \"a b\" c\\d\nx = %hooks"))
                .containsExactly(new CellPart.Java(
                        "List<String> l = $kernel.value(\"hooks\", \"\\\"a b\\\" c\\\\d\");\nx = $kernel.value(\"hooks\", \"\");",
                        0));
    }

    @Test
    void a_magic_inside_braces_becomes_a_call_on_its_own_line() {
        assertThat(CellScanner.scan("for (int i = 0; i < 2; i++) {\n    %attn 3\n    var r = %attn 4\n}"))
                .containsExactly(new CellPart.Java(
                        "for (int i = 0; i < 2; i++) {\n    $kernel.run(\"attn\", \"3\");\n    var r = $kernel.value(\"attn\", \"4\");\n}",
                        0));
    }

    @Test
    void a_magic_inside_braces_is_handed_the_variables_it_names() {
        assertThat(CellScanner.scan("for (int i = 0; i < 2; i++) {\n    %attn $i.$head -p \"$i for $$5\"\n}"))
                .containsExactly(new CellPart.Java(
                        "for (int i = 0; i < 2; i++) {\n    $kernel.with(\"i\", i).with(\"head\", head).run(\"attn\", \"$i.$head -p \\\"$i for $$5\\\"\");\n}",
                        0));
    }

    @Test
    void windows_line_ends_are_line_ends() {
        assertThat(CellScanner.scan("%attn 3\r\n%attn 4\r\n"))
                .containsExactly(
                        new CellPart.Magic(MagicCall.line("attn", "3"), Optional.empty(), 0),
                        new CellPart.Magic(MagicCall.line("attn", "4"), Optional.empty(), 1));
    }

    @Test
    void what_is_being_typed_is_a_magic_only_where_one_may_stand() {
        assertThat(CellScanner.openMagic("%")).contains("");
        assertThat(CellScanner.openMagic("int a;\n  %att")).contains("att");
        assertThat(CellScanner.openMagic("var x = %attn bl")).contains("attn bl");
        assertThat(CellScanner.openMagic("%%pro")).contains("pro");
        assertThat(CellScanner.openMagic("%%prompt\nte")).isEmpty();
        assertThat(CellScanner.openMagic("int c = a %b")).isEmpty();
        assertThat(CellScanner.openMagic("%attn 3\nint x")).isEmpty();
    }
}
