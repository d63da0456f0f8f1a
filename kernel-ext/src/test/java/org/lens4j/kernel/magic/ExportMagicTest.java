package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.analysis.Grid;
import org.lens4j.error.Explained;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;
import org.lens4j.viz.AttentionView;
import org.lens4j.weights.Safetensors;

class ExportMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();

    @TempDir
    private Path folder;

    @BeforeAll
    static void begin() throws Exception {
        MAGICS.run("%attn 1 -o grid");
        MAGICS.run("%dla \" Mary\" -o dla");
        MAGICS.run("%logitlens -o seen");
        MAGICS.host().set("picture", AttentionView.of((Grid)
                MAGICS.host().variable("grid").orElseThrow()));
        MAGICS.host().set("number", 3);
        MAGICS.run("%next -o next");
        MAGICS.run("%tokens -o tokens");
        MAGICS.run("%generate -n 3 -o written");
        MAGICS.run("%plan hook_embed -o plan");
        MAGICS.run("%hooks hook_embed -o hooks");
        MAGICS.run("%tokensview -o reading");
        MAGICS.run("%cache hook_embed -o kept");
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    private Path exported(String file, String rest) throws Exception {
        Path path = folder.resolve(file);
        assertThat(MAGICS.value("%export \"" + path + "\" " + rest, Path.class)).isEqualTo(path);
        return path;
    }

    @Test
    void a_cache_is_written_under_its_hook_names() throws Exception {
        MAGICS.run("%cache hook_embed --as small");
        MAGICS.run("%cache blocks.*.hook_resid_post");
        assertThat(Safetensors.open(exported("a.safetensors", "")).names())
                .contains("tokens", "blocks.2.hook_resid_post");
        assertThat(Safetensors.open(exported("b.safetensors", "--cache small")).names())
                .containsExactlyInAnyOrder("tokens", "hook_embed");
        MAGICS.host().set("held", MAGICS.lens().cache("small"));
        assertThat(Safetensors.open(exported("c.safetensors", "$held")).names()).contains("hook_embed");
    }

    @Test
    void results_are_written_in_the_form_their_file_ends_with() throws Exception {
        assertThat(exported("a.csv", "$grid")).content().startsWith("head,query_pos,key_pos,value\n");
        assertThat(exported("a.json", "$dla")).content().contains("Direct logit attribution of ·Mary");
        assertThat(exported("b.csv", "$seen")).content().startsWith("component,pos,value\n");
        assertThat(Files.size(exported("a.png", "$picture"))).isGreaterThan(1000);
        assertThat(exported("a.html", "$picture")).content().contains("<title>picture</title>");
        assertThat(MAGICS.shown("%export \"" + folder.resolve("x/y.txt") + "\" $grid")
                        .plain())
                .contains("y.txt: ")
                .endsWith(" B");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "next.csv $next | rank,token,token_id,probability,logit",
                "next.json $next | [{`rank`:0,`token`:`·Mary`",
                "next.txt $next | Next token after",
                "next.html $next | <title>next</title>",
                "tokens.csv $tokens | pos,token_id,token",
                "tokens.txt $tokens | Tokens as the model is fed them",
                "written.txt $written | When Mary and John",
                "written.csv $written | prompt,text",
                "plan.csv $plan | hook_point,shape,memory",
                "hooks.csv $hooks | hook_point,axes",
                "reading.csv $reading | component,pos,value",
                "number.txt $number | 3"
            })
    void what_a_magic_gives_is_written_as_a_table_a_page_or_a_text(String line, String content) throws Exception {
        String[] parts = line.split(" ", -1);
        assertThat(exported(parts[0], parts[1])).content().contains(content.replace("`", "\""));
    }

    @Test
    void readers_get_the_picture_a_notebook_shows() throws Exception {
        String shown = MAGICS.shown("%logitlens").data().getOrDefault(MimeBundle.PNG, "");
        assertThat(Files.readAllBytes(exported("seen.png", "$seen")))
                .isEqualTo(Base64.getMimeDecoder().decode(shown));
        assertThat(Files.size(exported("next.png", "$next"))).isGreaterThan(1000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%export | takes a file and a Java variable",
                "%export a b c | takes a file and a Java variable",
                "%export a.csv | needs the variable that holds the result",
                "%export a.csv grid | takes a Java variable behind the file, not \"grid\"",
                "%export a.csv $nothing | Unknown variable \"$nothing\"",
                "%export a.csv $number | this result has no csv",
                "%export a.xyz $grid | does not say what to write",
                "%export a.png $number | this result has no png. Its text goes into a .txt file",
                "%export a.csv $picture | this result has no csv",
                "%export a.safetensors $grid | a .safetensors file holds a cache, and $grid is a Grid. Choose .csv",
                "%export a.safetensors $number | $number is an Integer",
                "%export a.csv $kept | $kept is a cache, which goes into a .safetensors file and not into a.csv. Write %export cache.safetensors $kept",
                "%export a.safetensors --cache nothing | Unknown cache \"nothing\"",
                "%export a.csv $grid --cache nothing | are both to be written"
            })
    void what_cannot_be_written_is_said(String line, String reason) {
        assertThatThrownBy(() -> MAGICS.run(line))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
    }

    @Test
    void the_java_call_writes_the_same_file() throws Exception {
        try (LiveNotebook notebook = MagicJavaTest.notebook()) {
            notebook.run("%load demo\n%prompt Paris is the capital of\n%cache hook_embed");
            notebook.run(
                    "var g = lens.attention(1); var n = lens.next(5); var p = AttentionView.of(g); var s = Swept.of(\"x\", 1).with(1, 2);"
                            + " var d = LogitAttribution.of(lens.model(), lens.tokens(), Answers.of(lens.model().answer(\" France\")), LogitAttribution.By.HEAD);");
            for (String line : new String[] {
                "a.csv $g", "a.json $d", "a.png $d", "n.csv $n", "n.html $n", "a.html $p", "a.txt $s", "a.safetensors"
            }) {
                String name = line.split(" ", -1)[0];
                String rest = line.substring(name.length());
                Path byMagic = folder.resolve("magic").resolve(name);
                Path byJava = folder.resolve("java").resolve(name);
                notebook.run("%export \"" + byMagic + "\"" + rest);
                notebook.run(notebook.run("%export --java -o file \"" + byJava + "\"" + rest)
                        .orElseThrow()
                        .plain());
                assertThat(notebook.variable("file")).contains(byJava);
                assertThat(Files.readAllBytes(byJava)).as(line).isEqualTo(Files.readAllBytes(byMagic));
            }
        }
    }
}
