package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.kernel.session.Swept;

/** {@code %%sweep NAME VALUE…}: runs the cell below it for each value, and gathers the results in a table. */
final class SweepMagic implements Command {
    private static final String PROMPT = "prompt";
    private static final Option PROMPTS =
            Option.flag("runs it for each of the session's prompts (%%prompts) in place of values", "--prompts");
    private static final Usage USAGE = Usage.of(
                    "sweep",
                    "NAME VALUE…",
                    "Runs the cell below it for each value of a variable and gathers what its last line gives. Values are 0..3, words, or $list; --prompts takes the prompts of %%prompts.")
            .example("%%sweep layer 0..2\nlens.attention(layer).slice(\"head\", 0).at(14, 4)")
            .taking(Usage.Takes.BODY)
            .with(PROMPTS);

    private final LensSession lens;
    private final Supplier<MagicTable> table;

    SweepMagic(LensSession lens, Supplier<MagicTable> table) {
        this.lens = lens;
        this.table = table;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    /** What varies. */
    private record Plan(String variable, List<Object> values, String java, boolean prompts) {}

    private Plan plan(Arguments arguments) {
        if (arguments.has(PROMPTS)) {
            if (!arguments.words().isEmpty()) {
                throw new UsageException(
                        "%%%%sweep --prompts takes its values from %%%%prompts, and was given %s too. Leave one of the two out; the prompt is the variable %s."
                                .formatted(arguments.words(), PROMPT));
            }
            return new Plan(PROMPT, List.copyOf(lens.prompts()), "lens", true);
        }
        if (arguments.words().isEmpty()) {
            throw new UsageException(
                    "%%sweep needs a variable and its values: %%sweep layer 0..2. Or write %%sweep --prompts.");
        }
        String name = arguments.words().get(0).text();
        if (!CommandMagic.isVariable(name)) {
            throw new UsageException(
                    "%%%%sweep takes the name of a Java variable first, and \"%s\" cannot be one: %%%%sweep layer 0..2."
                            .formatted(arguments.words().get(0)));
        }
        SweepValues values =
                SweepValues.of(arguments.words().subList(1, arguments.words().size()));
        return new Plan(name, values.values(), values.java(), false);
    }

    private static String body(Arguments arguments) {
        String body = arguments.body().orElse("");
        if (body.isBlank()) {
            throw new UsageException(
                    "%%sweep has nothing below it to run. Write the cell under it; its last line is the result.");
        }
        return body;
    }

    @Override
    public String java(Arguments arguments) {
        throw new IllegalStateException("The Java of a sweep needs the notebook's variables: java(arguments, host).");
    }

    @Override
    public String java(Arguments arguments, Host host) throws Exception {
        Plan plan = plan(arguments);
        Host inside = host.with(plan.variable(), plan.values().get(0));
        String body = new SweepBody(table.get(), inside).java(body(arguments));
        String over = plan.prompts()
                ? "Swept.overPrompts(lens, "
                : "Swept.over(%s, %s, ".formatted(JavaText.literal(plan.variable()), plan.java());
        return "%s%s -> {\n%s\n})".formatted(over, plan.variable(), body);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws Exception {
        Plan plan = plan(arguments);
        String body = body(arguments);
        Optional<String> before = lens.hasPrompt() ? Optional.of(lens.prompt()) : Optional.empty();
        try (HostWork work = HostWork.begin(host, "sweep", "")) {
            return MagicResult.of(swept(plan, body, work, host));
        } finally {
            if (plan.prompts()) {
                before.ifPresent(lens::prompt);
            }
        }
    }

    private Swept swept(Plan plan, String body, HostWork work, Host host) throws Exception {
        Swept swept = Swept.of(plan.variable(), plan.values().size());
        for (Object value : plan.values()) {
            if (host.interrupted()) {
                break;
            }
            host.define(plan.variable(), TypeNames.of(value), value);
            if (plan.prompts()) {
                lens.prompt(String.valueOf(value));
            }
            try {
                Optional<Object> result = host.evalBelow(body);
                swept = swept.with(value, result.isPresent() ? result.get() : result);
            } catch (Exception e) {
                if (host.interrupted()) {
                    break;
                }
                if (!swept.values().isEmpty()) {
                    // What was found is not lost with what failed.
                    host.display(host.displays().of(swept));
                }
                throw e;
            }
            work.at(swept.values().size(), swept.of());
        }
        return swept;
    }
}
