package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;
import org.lens4j.load.Pretrained;

/** What documents are in files of text and of JSON, and what is said of files that have none. */
class CorpusTest implements HarvestFolder {
    private static final Pretrained DEMO = Harvests.demo();

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        DEMO.hooked().close();
    }

    @Override
    public Pretrained demo() {
        return DEMO;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Test
    void documents_of_json_lines_are_a_field() throws IOException {
        Path plain = written("c.txt", "When Mary\nParis is\n");
        Path json = written("c.jsonl", "{\"id\": 1, \"body\": \"When Mary\"}\n{\"body\": \"Paris is\"}\n");
        Harvested fromPlain = harvest(plain, Harvests.small(), "plain");
        Harvested fromJson = Harvest.of(DEMO, Corpus.of(json).withField("body"), Harvests.small())
                .into(folder.resolve("json"));
        assertThat(Harvests.keys(fromJson)).isEqualTo(Harvests.keys(fromPlain));
    }

    @Test
    void a_document_of_json_may_have_line_ends() throws IOException {
        Path json = written("c.jsonl", "{\"text\": \"When\\nMary\"}");
        long[] tokens = Harvests.longs(harvest(json, Harvests.small()).directory(), "token");
        long bos = DEMO.hooked().config().bosTokenId();
        assertThat(tokens)
                .startsWith(bos)
                .endsWith(DEMO.hooked().tokenizer().encode("When\nMary"))
                .hasSizeLessThan(10);
    }

    @Test
    void a_line_that_is_no_json_is_named() throws IOException {
        Path json = written("c.jsonl", "{\"text\": \"When\"}\n\nno json here\n");
        assertThatThrownBy(() -> harvest(json, Harvests.small()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "Line 3 of %s is no JSON object: no json here. Every line of a .jsonl file is one, such as {\"text\": \"…\"}.",
                        json);
    }

    @Test
    void a_line_without_the_field_names_those_it_has() throws IOException {
        Path json = written("c.jsonl", "{\"texts\": \"When\", \"id\": 3}\n");
        assertThatThrownBy(() -> harvest(json, Harvests.small()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "Line 1 of %s has no field \"text\"; it has texts, id. Name the one that holds the text (--field).",
                        json);
    }

    @Test
    void a_field_that_is_no_text_is_shown() throws IOException {
        Path json = written("c.jsonl", "{\"text\": [1]}\n");
        assertThatThrownBy(() -> harvest(json, Harvests.small()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "Line 1 of %s has something else than a text in its field \"text\": [1]. Name a field with a string (--field).",
                        json);
    }

    @Test
    void bytes_that_are_no_text_are_refused_with_their_line() throws IOException {
        Path corpus = Files.write(folder.resolve("c.txt"), new byte[] {'a', '\n', (byte) 0xff, 'b'});
        assertThatThrownBy(() -> harvest(corpus, Harvests.small()))
                .isInstanceOf(UsageException.class)
                .hasMessage("Line 2 of %s is not UTF-8 text. Convert the file, for example with iconv.", corpus);
    }

    @Test
    void a_corpus_that_is_not_there_and_a_field_of_plain_text_are_refused() throws IOException {
        Path missing = folder.resolve("none.txt");
        assertThatThrownBy(() -> Corpus.of(missing))
                .isInstanceOf(UsageException.class)
                .hasMessage("There is no file %s to harvest from. Name a .txt or .jsonl file.", missing);
        Corpus plain = Corpus.of(written("c.txt", "a"));
        assertThatThrownBy(() -> plain.withField("text"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("has no field \"text\". Fields are for .jsonl files.");
    }
}
