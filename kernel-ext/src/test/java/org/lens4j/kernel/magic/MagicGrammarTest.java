package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;

/** The grammar all magics share, on two made for it. */
class MagicGrammarTest {
    private static final Option TOP = Option.value("N", "so many", "-k", "--top");
    private static final Option STOP =
            Option.value("TEXT", "ends there", "--stop").repeated();
    private static final Option LOUD = Option.flag("is loud", "--loud");
    private static final Option BY =
            Option.value("PART", "divides so", "--by").offering(new Offer.OneOf(List.of("layer", "head")));

    private final QuietHost host = new QuietHost();

    /** Gives back its arguments. */
    private record Echo(Usage usage) implements Command {
        @Override
        public String java(Arguments arguments) {
            return "echo(" + arguments.javaWords() + ")";
        }

        @Override
        public String view(String value, Arguments arguments) {
            return arguments.has(LOUD) ? "loud(" + value + ")" : value;
        }

        @Override
        public MagicResult run(Arguments arguments, Host host) {
            return arguments.words().isEmpty() && arguments.text().text().isEmpty()
                    ? MagicResult.nothing()
                    : MagicResult.of(arguments);
        }
    }

    private static final Usage WORDS =
            Usage.of("echo", "[WORD]…", "Says it again.").example("%echo a").with(TOP, STOP, LOUD, BY);

    private Arguments words(String line) throws Exception {
        return (Arguments) run(WORDS, line).value().orElseThrow();
    }

    private Arguments text(String line) throws Exception {
        return (Arguments) run(WORDS.taking(Usage.Takes.TEXT), line).value().orElseThrow();
    }

    private static CommandMagic magic(Usage usage) {
        return new CommandMagic(new Echo(usage), new Offers(new LensSession(), MagicTable::of));
    }

    private MagicResult run(Usage usage, String line) throws Exception {
        return magic(usage).run(MagicCall.line("echo", line), host);
    }

    @Test
    void options_may_stand_anywhere_among_the_words() throws Exception {
        Arguments arguments = words("a -k 3 \"b c\" --loud --stop=x --stop 'y z'");
        assertThat(arguments.texts()).containsExactly("a", "b c");
        assertThat(arguments.integer(TOP, 10)).isEqualTo(3);
        assertThat(arguments.has(LOUD)).isTrue();
        assertThat(arguments.values(STOP)).extracting(Word::text).containsExactly("x", "y z");
    }

    @Test
    void behind_two_dashes_everything_is_a_word() throws Exception {
        assertThat(words("-k 3 -- --loud -k").texts()).containsExactly("--loud", "-k");
        assertThat(words("-1 a").texts()).as("a number is no option").containsExactly("-1", "a");
    }

    @Test
    void what_every_magic_has_may_stand_behind_a_text() throws Exception {
        Arguments kept = text("\"The  dogs\" -o it");
        assertThat(kept.text().text()).isEqualTo("The  dogs");
        assertThat(kept.value(Option.OUT).orElseThrow().text()).isEqualTo("it");
        assertThat(run(WORDS.taking(Usage.Takes.TEXT), "The dogs --help").value())
                .isEmpty();
        assertThat(text("-- The dogs --java").text().text()).isEqualTo("The dogs --java");
        assertThat(text("The dogs -o 5").text().text()).isEqualTo("The dogs -o 5");
        assertThat(text("a--java").text().text()).isEqualTo("a--java");
        assertThat(((Arguments) run(WORDS.taking(Usage.Takes.CODE_OR_BODY), "%next --java")
                                .value()
                                .orElseThrow())
                        .text()
                        .text())
                .isEqualTo("%next --java");
    }

    @Test
    void a_text_is_left_as_it_is_behind_its_options() throws Exception {
        Arguments arguments = text("--loud -k 3 The dogs -k don't  \"bark\" --by");
        assertThat(arguments.text().text()).isEqualTo("The dogs -k don't  \"bark\" --by");
        assertThat(arguments.integer(TOP, 10)).isEqualTo(3);
        assertThat(text("\" Mary \"").text().text()).isEqualTo(" Mary ");
        assertThat(text("-- --loud is a word").text().text()).isEqualTo("--loud is a word");
        assertThat(text("--by head -- -k").text().text()).isEqualTo("-k");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a --lout | %echo has no option --lout. Closest: --loud, --top, --stop. See %echo --help.",
                "a -x | %echo has no option -x. Closest: -k, -o, --by. See %echo --help.",
                "a -k | %echo: -k needs a value, N. See %echo --help.",
                "a -k 1 --top 2 | %echo: --top was given twice, as \"1\" and as \"2\". Give it once.",
                "a --loud=yes | %echo: --loud takes no value. Write --loud alone.",
                "a -o 2x | %echo: -o takes the name of a Java variable, and \"2x\" cannot be one. See %echo --help.",
                "a -o int | %echo: -o takes the name of a Java variable, and \"int\" cannot be one. See %echo --help.",
                "-o x | %echo gives no value to keep in x. Leave out -o."
            })
    void what_is_written_wrongly_is_refused(String line, String message) {
        assertThatThrownBy(() -> words(line)).isInstanceOf(UsageException.class).hasMessage(message);
        assertThat(host.variables()).isEmpty();
    }

    @Test
    void a_text_that_begins_with_a_dash_needs_two_before_it() {
        assertThatThrownBy(() -> text("-x is it"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%echo has no option -x.");
    }

    @Test
    void numbers_and_choices_are_checked() throws Exception {
        assertThatThrownBy(() -> words("a -k x").integer(TOP, 1))
                .isInstanceOf(UsageException.class)
                .hasMessage("-k, --top N must be a whole number, not \"x\".");
        assertThatThrownBy(() -> words("a -k 1.5").whole(TOP, 1)).isInstanceOf(UsageException.class);
        assertThat(words("a -k 1.5").number(TOP, 1)).isEqualTo(1.5);
        assertThatThrownBy(() -> words("a -k x").number(TOP, 1)).hasMessage("-k, --top N must be a number, not \"x\".");
        assertThat(words("a --by head").choice(BY)).contains("head");
        assertThat(words("a").choice(BY)).isEmpty();
        assertThatThrownBy(() -> words("a --by heads").choice(BY))
                .isInstanceOf(UnknownNameException.class)
                .hasMessage("Unknown --by \"heads\" in %echo. Closest of 2: head, layer. There are layer, head.");
    }

    @Test
    void the_result_is_kept_in_a_variable_of_its_type() throws Exception {
        Arguments result = words("a -o kept");
        assertThat(host.variable("kept")).isEqualTo(Optional.of(result));
        assertThat(host.type("kept")).isEqualTo(Arguments.class.getCanonicalName());
    }

    @Test
    void java_is_printed_and_not_run() throws Exception {
        host.set("x", "b");
        assertThat(java("a $x --java")).isEqualTo("echo(\"a\", x)");
        assertThat(java("a --java -o kept")).isEqualTo("var kept = echo(\"a\");");
        assertThat(java("a --java --loud")).isEqualTo("loud(echo(\"a\"))");
        assertThat(java("a --java --loud -o kept")).isEqualTo("var kept = echo(\"a\");\nloud(kept)");
        assertThat(host.variables()).containsExactly("x");
    }

    private String java(String line) throws Exception {
        return run(WORDS, line).shown().orElseThrow().plain();
    }

    @Test
    void variables_stand_in_words_options_and_texts_on_the_line_or_below() throws Exception {
        host.set("x", 3);
        host.set("names", List.of("a", "b"));
        assertThat(words("l$x -k $x").texts()).containsExactly("l3");
        assertThat(words("l$x -k $x").integer(TOP, 1)).isEqualTo(3);
        assertThat(words("$names").words().get(0).as(List.class)).contains(List.of("a", "b"));
        assertThat(text("number $x of $$3").text().text()).isEqualTo("number 3 of $3");
        assertThatThrownBy(() -> text("number $y")).isInstanceOf(UnknownNameException.class);
        Arguments body = Arguments.of(
                MagicCall.cell("echo", "", "costs $x of\n$5, $$x\n"), WORDS.taking(Usage.Takes.TEXT_OR_BODY), host);
        assertThat(body.text().text()).isEqualTo("costs 3 of\n$5, $x");
        Arguments code =
                Arguments.of(MagicCall.cell("echo", "", "a$x = $y;\n"), WORDS.taking(Usage.Takes.CODE_OR_BODY), host);
        assertThat(code.text().text()).isEqualTo("a$x = $y;");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-k \"The \\\"big\\\" one\"", "\"say \\\"no\\\"\"", "\"a \\\" b\"", "'it\\'s'", "--stop=\"\\\"\""
            })
    void a_quote_behind_a_backslash_is_refused_with_what_to_write(String line) {
        assertThatThrownBy(() -> words(line))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%echo: a backslash does not keep a quote inside quotes. Put quotes of the other kind around the text: 'say \"no\"'.");
    }

    @Test
    void a_path_may_end_in_a_backslash() throws Exception {
        assertThat(words("\"C:\\my dir\\\" --stop \"D:\\\" x").texts()).containsExactly("C:\\my dir\\", "x");
        assertThat(words("'say \"no\"' \"it's\"").texts()).containsExactly("say \"no\"", "it's");
    }

    @Test
    void a_message_says_a_variable_short() {
        host.set("big", List.of("x".repeat(500)));
        host.set("text", "y".repeat(500));
        assertThatThrownBy(() -> words("-k $big -k $text"))
                .hasMessage("%%echo: -k was given twice, as \"$big (List)\" and as \"%s…\". Give it once."
                        .formatted("y".repeat(79)));
        assertThatThrownBy(() -> words("a -k $text").integer(TOP, 1))
                .hasMessageContaining("not \"yyy")
                .message()
                .hasSizeLessThan(200);
    }

    @Test
    void the_usage_says_everything() throws Exception {
        assertThat(run(WORDS, "--help").shown().orElseThrow().plain()).isEqualTo("""
                        %echo [-k, --top N] [--stop TEXT]… [--loud] [--by PART] [WORD]…

                        Says it again.

                          -k, --top N            so many
                          --stop TEXT            ends there
                          --loud                 is loud
                          --by PART              divides so
                          -o NAME                keeps the result in the Java variable NAME
                          --java                 prints the Java call instead of making it
                          --help                 prints this

                        Example: %echo a""");
    }

    @Test
    void a_cell_magic_is_not_a_line_magic_and_the_other_way_round() throws Exception {
        MagicTable cells = MagicTable.of(magic(WORDS.taking(Usage.Takes.BODY)));
        assertThatThrownBy(() -> cells.run(MagicCall.line("echo", "a"), host))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%echo takes the rest of its cell. Write %%echo as the first line of a cell, and what it is to run below; usage: %help echo.");
        Arguments body = (Arguments) cells.run(MagicCall.cell("echo", "a -k 2", "x\ny"), host)
                .value()
                .orElseThrow();
        assertThat(body.texts()).containsExactly("a");
        assertThat(body.body()).contains("x\ny");
        MagicTable words = MagicTable.of(magic(WORDS));
        assertThatThrownBy(() -> words.run(MagicCall.cell("echo", "a", "x"), host))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("takes one line");
    }
}
