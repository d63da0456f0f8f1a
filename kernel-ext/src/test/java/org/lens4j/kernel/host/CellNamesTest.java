package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a user declared is called in messages as the user called it, and nothing else is offered as a user's own. */
class CellNamesTest {
    private static LiveNotebook notebook;

    @BeforeAll
    static void open() throws Exception {
        notebook = new LiveNotebook();
        notebook.run("Object o = null; int mine = 1; record Fruit(int seeds) {} String nothing() { return null; }");
    }

    @AfterAll
    static void close() {
        notebook.close();
    }

    private static AbstractStringAssert<?> error(String cell) {
        return assertThatThrownBy(() -> notebook.run(cell))
                .extracting(LiveNotebook::errorText)
                .asString();
    }

    @Test
    void an_exception_names_variables_methods_and_classes_without_what_java_puts_around_them() {
        error("o.toString()").contains("because \"o\" is null").doesNotContain("REPL");
        error("nothing().length()")
                .contains("because the return value of \"nothing()\" is null")
                .doesNotContain("REPL");
        error("Fruit f = (Fruit) (Object) \"x\";")
                .contains("cannot be cast to class Fruit ")
                .doesNotContain("REPL");
        error("throw new RuntimeException(new IllegalStateException(String.valueOf(new Fruit(3))));")
                .contains("Fruit[seeds=3]");
    }

    @Test
    void closest_variables_are_the_users_own() {
        error("%seed $min").contains("$mine").doesNotContain("$bars", "$lens");
        assertThat(notebook.host().variables()).contains("o", "mine").doesNotContain("bars", "lens");
    }
}
