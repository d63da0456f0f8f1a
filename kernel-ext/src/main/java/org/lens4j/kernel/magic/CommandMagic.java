package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;

/**
 * A command as a magic: prints its usage on {@code --help}, its Java call on {@code --java}, and refuses options it does not
 * have.
 *
 * @param command what it does
 */
public record CommandMagic(Command command) implements Magic {
    @Override
    public String name() {
        return command.name();
    }

    @Override
    public String summary() {
        return command.summary();
    }

    @Override
    public boolean takesBody() {
        return command.takesBody();
    }

    @Override
    public String usage() {
        StringBuilder usage = new StringBuilder("%" + name());
        options().forEach(it -> usage.append(" [").append(it.written()).append(']'));
        if (!command.form().isEmpty()) {
            usage.append(' ').append(command.form());
        }
        usage.append("\n\n").append(summary()).append("\n\n");
        options().forEach(it -> usage.append("  %-22s %s%n".formatted(it.written(), it.meaning())));
        usage.append("\nExample: ").append(command.example());
        return usage.toString();
    }

    private List<Option> options() {
        List<Option> all = new ArrayList<>(command.options());
        all.add(Option.JAVA);
        all.add(Option.HELP);
        return all;
    }

    @Override
    public MagicResult run(MagicCall call, Host host) throws Exception {
        Arguments arguments = arguments(call);
        if (arguments.has(Option.HELP)) {
            return MagicResult.text(usage());
        }
        if (arguments.has(Option.JAVA)) {
            return MagicResult.text(command.java(arguments));
        }
        return command.run(arguments, host);
    }

    private Arguments arguments(MagicCall call) {
        if (!command.takesText()) {
            return Arguments.parse(call, options());
        }
        Arguments line = Arguments.text(call, options());
        return call.body()
                .map(body -> new Arguments(line.options(), line.words(), body.stripTrailing()))
                .orElse(line);
    }

    @Override
    public List<String> complete(List<String> args) {
        String typed = args.isEmpty() ? "" : args.get(args.size() - 1);
        if (typed.startsWith("-")) {
            return options().stream()
                    .flatMap(it -> it.names().stream())
                    .filter(it -> it.startsWith(typed))
                    .toList();
        }
        return command.complete(args);
    }
}
