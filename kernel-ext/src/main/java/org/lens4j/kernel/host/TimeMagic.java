package org.lens4j.kernel.host;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Arguments;
import org.lens4j.kernel.magic.Command;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.Usage;

/** {@code %time JAVA} and {@code %%time}: runs something and says how long it took. */
final class TimeMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "time",
                    "JAVA",
                    "Runs Java, or the rest of the cell with its magics, and says how long it took; CPU time adds up what all threads did.")
            .example("%time lens.next(3)")
            .taking(Usage.Takes.CODE_OR_BODY);

    TimeMagic() {}

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "// %time runs the code below; write it without %time.\n" + code(arguments);
    }

    private static String code(Arguments arguments) {
        return arguments.text().text();
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws Exception {
        String code = code(arguments);
        if (code.isBlank()) {
            throw new UsageException(
                    "%time takes the Java it is to run, and none was given. Write %time lens.next(3).");
        }
        long cpu = cpuNanos();
        long start = System.nanoTime();
        Optional<Object> value =
                CellHost.of(host).runHere(code, arguments.body().isPresent() ? 1 : 0);
        long wall = System.nanoTime() - start;
        host.display(MimeBundle.text("wall %s, CPU %s".formatted(readable(wall), readable(cpuNanos() - cpu))));
        return value.map(MagicResult::of).orElseGet(MagicResult::nothing);
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    /** Three digits and a unit. */
    static String readable(long nanos) {
        double amount = nanos;
        for (String unit : new String[] {"ns", "µs", "ms"}) {
            if (amount < 999.5) {
                return number(amount) + " " + unit;
            }
            amount /= 1000;
        }
        return amount < 60 ? number(amount) + " s" : "%d min %02d s".formatted((long) amount / 60, (long) amount % 60);
    }

    private static String number(double amount) {
        int decimals = amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", amount);
    }
}
