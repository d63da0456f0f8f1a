package org.lens4j.analysis.parity;

import java.util.List;
import org.lens4j.hook.Gate;

/** What became of one tensor of a reference. */
public sealed interface Finding {
    /** Its name, without the group. */
    String name();

    /**
     * It was compared.
     *
     * @param shape of both
     * @param difference how far they are apart
     * @param where the worst place, with its axes: {@code [batch=0 pos=3 d_model=17]}
     */
    record Compared(String name, List<Long> shape, Difference difference, String where) implements Finding {
        /** Copies the shape. */
        public Compared {
            shape = List.copyOf(shape);
        }
    }

    /**
     * The model's tensor has another shape.
     *
     * @param expected the reference's shape
     * @param actual the model's
     */
    record Misshapen(String name, List<Long> expected, List<Long> actual) implements Finding {
        /** Copies the shapes. */
        public Misshapen {
            expected = List.copyOf(expected);
            actual = List.copyOf(actual);
        }
    }

    /**
     * The model has this hook point, and this run left it off.
     *
     * @param gate what turns it on
     */
    record Off(String name, Gate gate) implements Finding {}

    /**
     * The model has no tensor of that name.
     *
     * @param closest the nearest names it has, nearest first
     */
    record Unknown(String name, List<String> closest) implements Finding {
        /** Copies the names. */
        public Unknown {
            closest = List.copyOf(closest);
        }
    }
}
