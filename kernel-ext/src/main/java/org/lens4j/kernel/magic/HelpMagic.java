package org.lens4j.kernel.magic;

import java.util.List;
import java.util.function.Supplier;
import org.lens4j.error.UsageException;

/** {@code %help [MAGIC]}: the usage of a magic, or where to begin. */
final class HelpMagic implements Command {
    private static final String BEGINNING = """
            Lens4J: see inside a language model.

              %load demo                                    the model inside the library; a directory works too
              %prompt When Mary and John went to the store, John gave a drink to
              %next                                         what the model says next
              %attn 1                                       where the heads of layer 1 look
              %logitlens                                    what it would say after every layer
              %cache blocks.*.hook_resid_post               keep activations
              var x = lens.cache().get("blocks.1.hook_resid_post");     and go on in Java

            %lsmagic lists all magics; %help NAME explains one; --java after any magic prints its Java call.""";

    private final Supplier<MagicTable> table;

    HelpMagic(Supplier<MagicTable> table) {
        this.table = table;
    }

    @Override
    public String name() {
        return "help";
    }

    @Override
    public String summary() {
        return "Explains a magic; without a name, says where to begin.";
    }

    @Override
    public String form() {
        return "[MAGIC]";
    }

    @Override
    public String example() {
        return "%help attn";
    }

    @Override
    public String java(Arguments arguments) {
        return "// %help only prints; it has no Java call.";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        List<String> words = arguments.words();
        if (words.size() > 1) {
            throw new UsageException("%%help explains one magic at a time, and was given %s.".formatted(words));
        }
        return MagicResult.text(
                words.isEmpty()
                        ? BEGINNING
                        : table.get().get(bare(words.get(0))).usage());
    }

    private static String bare(String name) {
        return name.replaceFirst("^%+", "");
    }

    @Override
    public List<String> complete(List<String> words) {
        String typed = words.isEmpty() ? "" : words.get(words.size() - 1);
        return table.get().all().stream()
                .map(Magic::name)
                .filter(it -> it.startsWith(typed))
                .toList();
    }
}
