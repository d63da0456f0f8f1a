package org.lens4j.kernel.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.VarSnippet;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Java in cells: JShell, with real values and real exceptions. Used from one thread, the one that made it. */
final class JavaCells implements AutoCloseable {
    private static final Set<Snippet.SubKind> WITH_VALUE = EnumSet.of(
            Snippet.SubKind.VAR_VALUE_SUBKIND,
            Snippet.SubKind.OTHER_EXPRESSION_SUBKIND,
            Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND);

    private final LiveExecution execution;
    private final JShell shell;
    private final BooleanSupplier stopRequested;
    private final CellSources sources = new CellSources();
    private Set<String> kept = Set.of();

    JavaCells(LiveExecution.Gate gate, BooleanSupplier stopRequested) {
        this.stopRequested = stopRequested;
        this.execution = new LiveExecution(gate);
        this.shell = JShell.builder()
                .executionEngine(new InThisProcess(execution), Map.of())
                // Notes about deprecation or unchecked calls are not what a notebook is for.
                .compilerOptions("-Xlint:none", "-proc:none")
                .build();
    }

    private record InThisProcess(ExecutionControl execution) implements ExecutionControlProvider {
        @Override
        public String name() {
            return "lens4j";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            return execution;
        }
    }

    /** Refuses cells that declare one of these variables again from now on. */
    void keep(Set<String> variables) {
        kept = Set.copyOf(variables);
    }

    /** Lets loops run again after {@link #stop}. */
    void arm() throws Exception {
        execution.arm();
    }

    /** Ends a loop of the running cell that does not listen to interrupts; any thread may call it. */
    void stop() throws ExecutionControl.ExecutionControlException {
        execution.stop();
    }

    /** What JShell knows about code that does not run. */
    SourceCodeAnalysis analysis() {
        return shell.sourceCodeAnalysis();
    }

    /** What a run of a cell left behind beside its value. */
    private record Traces(List<DeclarationSnippet> unresolved, List<VarSnippet> temporary) {}

    /** Where in which cell a snippet stands. */
    private record Spot(CellText cell, CellPart.Java part, int offset) {
        int line() {
            return part.line() + CellScanner.lineAt(part.source(), offset);
        }
    }

    /**
     * Runs the statements of one part, one after the other.
     *
     * @return the value of the last expression; empty where it is null, void or assigned
     * @throws CellFailure on the first statement that does not compile or throws
     */
    Optional<Object> run(CellPart.Java part, CellText cell) throws CellFailure {
        Traces traces = new Traces(new ArrayList<>(), new ArrayList<>());
        Optional<Object> value = Optional.empty();
        try {
            String rest = part.source();
            while (!rest.isBlank()) {
                CompletionInfo info = analysis().analyzeCompletion(rest);
                if (info.completeness() == SourceCodeAnalysis.Completeness.EMPTY) {
                    break;
                }
                boolean separable = info.completeness().isComplete() && info.source() != null;
                Spot spot = new Spot(cell, part, part.source().length() - rest.length());
                value = evaluate(separable ? info.source() : rest, spot, traces);
                rest = separable ? info.remaining() : "";
            }
            traces.unresolved().forEach(this::warn);
            return value;
        } finally {
            traces.temporary().forEach(this::forget);
        }
    }

    private Optional<Object> evaluate(String source, Spot spot, Traces traces) throws CellFailure {
        execution.clear();
        refuseKept(source);
        Optional<Object> value = Optional.empty();
        for (SnippetEvent event : shell.eval(source)) {
            Snippet snippet = event.snippet();
            if (event.causeSnippet() != null) {
                continue;
            }
            sources.note(snippet.id(), spot.cell(), spot.line() + blankLines(source));
            if (snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND && snippet instanceof VarSnippet v) {
                traces.temporary().add(v);
            }
            check(event, source, spot);
            if (snippet instanceof DeclarationSnippet d && isUnresolved(d)) {
                traces.unresolved().add(d);
            }
            value = WITH_VALUE.contains(snippet.subKind()) ? execution.value() : Optional.empty();
        }
        return value;
    }

    private void refuseKept(String source) throws CellFailure {
        if (kept.stream().noneMatch(source::contains)) {
            return;
        }
        for (Snippet snippet : analysis().sourceToSnippets(source)) {
            if (snippet instanceof VarSnippet variable && kept.contains(variable.name())) {
                String message =
                        "%s is a variable of this notebook's session, which magics and the cells of others rely on. Give yours another name."
                                .formatted(variable.name());
                throw new CellFailure("UsageException", message, List.of(message));
            }
        }
    }

    /** JShell counts a snippet's lines from its first line that is not blank. */
    private static int blankLines(String source) {
        return CellScanner.lineAt(
                source, source.length() - source.stripLeading().length());
    }

    private void check(SnippetEvent event, String source, Spot spot) throws CellFailure {
        if (event.status() == Snippet.Status.REJECTED) {
            throw new CompileErrors(spot.cell(), spot.line())
                    .failure(source, shell.diagnostics(event.snippet()).toList());
        }
        JShellException exception = event.exception();
        if (exception instanceof UnresolvedReferenceException unresolved) {
            DeclarationSnippet snippet = unresolved.getSnippet();
            throw CompileErrors.unresolved(describe(snippet), missing(snippet));
        }
        Optional<Throwable> thrown = execution.failure();
        if (thrown.isPresent()) {
            List<StackTraceElement> translated =
                    exception == null ? List.of() : Arrays.asList(exception.getStackTrace());
            throw new ErrorText(execution.cellFrames(), translated, sources)
                    .failure(thrown.get(), stopRequested.getAsBoolean());
        }
    }

    private boolean isUnresolved(DeclarationSnippet snippet) {
        return shell.status(snippet) == Snippet.Status.RECOVERABLE_DEFINED
                || shell.status(snippet) == Snippet.Status.RECOVERABLE_NOT_DEFINED;
    }

    private void warn(DeclarationSnippet snippet) {
        if (isUnresolved(snippet)) {
            System.err.printf(
                    "%s can be used once %s is declared.%n", describe(snippet), String.join(", ", missing(snippet)));
        }
    }

    private static String describe(DeclarationSnippet snippet) {
        return switch (snippet.kind()) {
            case METHOD -> "Method " + snippet.name() + "()";
            case VAR -> "Variable " + snippet.name();
            default -> "Type " + snippet.name();
        };
    }

    private List<String> missing(DeclarationSnippet snippet) {
        return shell.unresolvedDependencies(snippet).toList();
    }

    /** JShell keeps the value of every expression as $1, $2, …; a notebook's large results must not pile up there. */
    private void forget(VarSnippet temporary) {
        if (shell.status(temporary).isActive()) {
            execution.emptyNextVariable();
            shell.varValue(temporary);
            shell.drop(temporary);
        }
    }

    /** Cells find the classes of this folder or jar from now on. */
    void addToClassPath(Path entry) {
        shell.addToClasspath(entry.toString());
    }

    /** Makes a variable of this type with this live value. */
    void define(String name, String javaType, Object value) {
        VarSnippet variable = shell.eval(javaType + " " + name + ";").stream()
                .flatMap(event -> event.snippet() instanceof VarSnippet v && event.status() == Snippet.Status.VALID
                        ? Stream.of(v)
                        : Stream.empty())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"%s %s\" declares no variable. Give a name and a type that cells can use."
                                .formatted(javaType, name)));
        execution.fillNextVariable(value);
        shell.varValue(variable);
        if (execution.value().isEmpty()) {
            throw new IllegalArgumentException("A %s does not fit the variable \"%s %s\"."
                    .formatted(value.getClass().getName(), javaType, name));
        }
        execution.clear();
    }

    /** The live value of a variable. */
    Optional<Object> variable(String name) {
        Optional<VarSnippet> found =
                shell.variables().filter(v -> v.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        shell.varValue(found.get());
        Optional<Object> value = execution.value();
        execution.clear();
        return value;
    }

    /** The names of all variables but those of the kernel itself. */
    List<String> variables() {
        return shell.variables()
                .map(VarSnippet::name)
                .filter(it -> !it.startsWith("$"))
                .toList();
    }

    @Override
    public void close() {
        shell.close();
    }
}
