package org.lens4j.cli;

import java.util.concurrent.Callable;
import org.lens4j.bench.ForwardBench;
import org.lens4j.error.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens bench}: how fast runs are on this machine. */
@Command(
        name = "bench",
        description = "Times runs of a random model of GPT-2 small's shape beside the same model as one graph without"
                + " hooks, in the same minute.%n")
final class BenchVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often each kind of work is done; the median counts. 20 if not given.")
    private int repetitions = 20;

    @Option(names = "--tiny", description = "A model of two small layers, to see that it works.")
    private boolean tiny;

    BenchVerb() {}

    @Override
    public Integer call() {
        if (repetitions < 1) {
            throw new UsageException("--repetitions must be at least 1, not %d.".formatted(repetitions));
        }
        ForwardBench bench = tiny ? ForwardBench.of(2, 32, 4, 101, repetitions) : ForwardBench.gpt2Small(repetitions);
        spec.commandLine().getOut().println(bench.run().table().stripTrailing());
        return Main.DONE;
    }
}
