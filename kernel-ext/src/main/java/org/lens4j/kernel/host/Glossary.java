package org.lens4j.kernel.host;

import java.util.List;
import java.util.Optional;
import org.lens4j.kernel.display.MimeBundle;

/** Names that stand in texts, of Java and of magics, and what they mean: for help while one types. */
public interface Glossary {
    /** The names that what was typed may become. */
    List<String> beginning(String typed);

    /** The models it may become. */
    default List<String> models(String typed) {
        return List.of();
    }

    /** What a name means; empty for one it does not know. */
    Optional<MimeBundle> meaning(String name);

    /** Knows no names. */
    static Glossary none() {
        return new Glossary() {
            @Override
            public List<String> beginning(String typed) {
                return List.of();
            }

            @Override
            public Optional<MimeBundle> meaning(String name) {
                return Optional.empty();
            }
        };
    }
}
