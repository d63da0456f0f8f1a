package org.lens4j.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exercises are there to be solved: unsolved they say so, their solutions are right, and wrong answers are told why. */
class ExercisesTest {
    static List<String> notebooks() {
        return ExecutedNotebooks.files().stream()
                .filter(it -> Notebook.read(it).cells().stream().anyMatch(ExercisesTest::isSolution))
                .map(Path::getFileName)
                .map(Path::toString)
                .toList();
    }

    static List<WrongAnswer> wrongAnswers() {
        return WrongAnswer.ALL;
    }

    private static boolean isSolution(Cell cell) {
        return cell.source().startsWith("// Solution");
    }

    @ParameterizedTest
    @MethodSource("notebooks")
    void each_waits_for_an_answer_and_has_a_folded_solution_that_is_right(String notebook) {
        List<Cell> cells = ExecutedNotebooks.of(notebook).notebook().cells();
        for (int i = 1; i < cells.size(); i++) {
            Cell cell = cells.get(i);
            if (isSolution(cell)) {
                assertThat(ExecutedNotebooks.printed(cells.get(i - 1)))
                        .as(cell.source())
                        .startsWith("No answer yet.");
                assertThat(ExecutedNotebooks.printed(cell)).as(cell.source()).startsWith("Right");
                assertThat(cell.isSourceFolded() && cell.areOutputsFolded())
                        .as(cell.source())
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void wrong_answers_are_told_what_is_wrong(WrongAnswer wrong) {
        assertThat(ExecutedNotebooks.of(wrong.notebook()).replies().get(wrong.cell()))
                .contains(wrong.told())
                .doesNotContain("Right");
    }
}
