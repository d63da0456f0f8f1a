package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A percent sign in Java is Java's, whatever stands around it; the compiler says what is Java. */
class CellScannerLawsTest {

    @Property(tries = 400)
    void no_java_is_taken_for_a_magic(@ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int depth)
            throws IOException {
        String code = new RandomJava(seed).statement(depth);
        assertThat(syntaxErrors(code)).as(code).isEmpty();
        assertThat(CellScanner.scan(code)).as(code).containsExactly(new CellPart.Java(code, 0));
    }

    @Property(tries = 200)
    void every_magic_between_statements_is_found_and_no_other(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int lines) {
        RandomJava java = new RandomJava(seed);
        List<String> cell = new ArrayList<>();
        List<String> magics = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            cell.add(java.statement(2));
            String magic = java.magic();
            cell.add(magic);
            magics.add(magic.strip().substring(1));
        }
        String code = String.join("\n", cell);
        List<CellPart> parts = CellScanner.scan(code);
        assertThat(parts.stream()
                        .filter(CellPart.Magic.class::isInstance)
                        .map(it -> ((CellPart.Magic) it).call())
                        .map(it -> (it.name() + " " + it.rest()).strip()))
                .as(code)
                .isEqualTo(magics);
        assertThat(parts.stream()
                        .filter(CellPart.Java.class::isInstance)
                        .map(it -> ((CellPart.Java) it).source().strip())
                        .collect(Collectors.joining("\n")))
                .as(code)
                .isEqualTo(cellWithout(cell));
    }

    private static String cellWithout(List<String> cell) {
        List<String> java = new ArrayList<>();
        for (int i = 0; i < cell.size(); i += 2) {
            java.add(cell.get(i).strip());
        }
        return String.join("\n", java);
    }

    private static List<String> syntaxErrors(String code) throws IOException {
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        String file = "class Cell {\nint m() {\n" + code + "\nreturn 0;\n}\n}";
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Cell.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return file;
                    }
                };
        JavacTask task = (JavacTask)
                ToolProvider.getSystemJavaCompiler().getTask(null, null, said, List.of(), null, List.of(source));
        task.parse();
        return said.getDiagnostics().stream()
                .filter(it -> it.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString)
                .toList();
    }
}
