package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.WorkBars;
import org.lens4j.kernel.session.LensSession;

/**
 * A command as a magic. What is the same for all stands here: the usage on {@code --help}, the Java call on {@code --java},
 * the result in a variable on {@code -o}, variables for {@code $name}, and no to options it does not have.
 *
 * @param command what it does
 * @param offers the words for completion
 */
record CommandMagic(Command command, Offers offers) implements Magic {
    private static final Set<String> TAKEN = Set.of(LensSession.VARIABLE, WorkBars.VARIABLE);

    private static final String COMMENT = "//";

    @Override
    public String name() {
        return command.usage().name();
    }

    @Override
    public String summary() {
        return command.usage().summary();
    }

    @Override
    public boolean takesBody() {
        return command.usage().takesBody();
    }

    @Override
    public boolean takesLine() {
        return command.usage().takes() != Usage.Takes.BODY;
    }

    @Override
    public String usage() {
        return command.usage().text();
    }

    @Override
    public MagicResult run(MagicCall call, Host host) throws Exception {
        Arguments arguments = Arguments.of(call, command.usage(), host);
        if (arguments.has(Option.HELP)) {
            return MagicResult.text(usage());
        }
        Optional<String> variable = arguments.value(Option.OUT).map(this::checked);
        if (arguments.has(Option.JAVA)) {
            return MagicResult.text(java(arguments, variable, host));
        }
        MagicResult result = command.run(arguments, host);
        variable.ifPresent(name -> keep(name, result, host));
        return result;
    }

    @Override
    public Optional<String> java(MagicCall call, Host host) throws Exception {
        Arguments arguments = Arguments.of(call, command.usage(), host);
        return Optional.of(command.java(arguments, host)).filter(it -> !it.startsWith(COMMENT));
    }

    /** The Java of a call, with a variable of its own where {@code -o} asks for one. */
    private String java(Arguments arguments, Optional<String> variable, Host host) throws Exception {
        String value = command.java(arguments, host);
        if (variable.isEmpty() || value.startsWith(COMMENT)) {
            return value.startsWith(COMMENT) ? value : command.view(value, arguments);
        }
        String name = variable.get();
        String shown = command.view(name, arguments);
        String declared = "var %s = %s;".formatted(name, value);
        return shown.equals(name) ? declared : declared + "\n" + shown;
    }

    /** Whether a text can be the name of a Java variable. */
    static boolean isVariable(String name) {
        return SourceVersion.isIdentifier(name) && !SourceVersion.isKeyword(name);
    }

    private String checked(Word written) {
        String variable = written.text();
        if (!isVariable(variable)) {
            throw new UsageException("%%%s: -o takes the name of a Java variable, and \"%s\" cannot be one. %s"
                    .formatted(name(), written, Arguments.seeHelp(name())));
        }
        if (TAKEN.contains(variable)) {
            throw new UsageException(
                    "%%%s: %s is the session's own variable. Keep the result under another name: -o %s."
                            .formatted(name(), variable, name().equals(variable) ? "result" : name()));
        }
        return variable;
    }

    private void keep(String variable, MagicResult result, Host host) {
        Object value = result.value()
                .orElseThrow(() -> new UsageException(
                        "%%%s gives no value to keep in %s. Leave out -o.".formatted(name(), variable)));
        host.define(variable, TypeNames.of(value), value);
    }

    @Override
    public List<String> complete(List<String> args) {
        String typed = args.isEmpty() ? "" : args.get(args.size() - 1);
        Optional<Option> open = args.size() < 2 ? Optional.empty() : named(args.get(args.size() - 2));
        if (open.filter(Option::takesValue).isPresent()) {
            return offers.of(open.get().offer(), typed);
        }
        if (typed.startsWith("-")) {
            return options()
                    .flatMap(it -> it.names().stream())
                    .filter(it -> it.startsWith(typed))
                    .toList();
        }
        return offers.of(command.usage().words(), typed);
    }

    private Optional<Option> named(String word) {
        return options().filter(it -> it.names().contains(word)).findFirst();
    }

    private Stream<Option> options() {
        return command.usage().all().stream();
    }
}
