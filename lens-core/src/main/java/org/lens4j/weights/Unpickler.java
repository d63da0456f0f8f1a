package org.lens4j.weights;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;

/**
 * Reads a pickle as data. A pickle is a program for a stack machine; this one knows the instructions that build numbers,
 * texts, lists, dictionaries and tensors, and the names in {@link PickleGlobals}. Anything else ends the reading with its
 * name. Each instruction is read once and there are no jumps, so the time is bounded by the length.
 */
final class Unpickler {
    /** Values on the stack and in the memo, counted together, so that a small file cannot fill the memory. */
    private static final int MOST_VALUES = 2_000_000;

    private static final Pickled NONE = new Pickled.Leaf(new SavedValue.None());
    private static final Pickled TRUE = new Pickled.Leaf(new SavedValue.Truth(true));
    private static final Pickled FALSE = new Pickled.Leaf(new SavedValue.Truth(false));

    private final ByteBuffer in;
    private final PickleFault fault;
    private final PickleCalls calls;
    private final List<Pickled> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Pickled> memo = new HashMap<>();
    private int values;

    private Unpickler(ByteBuffer in, PickleFault fault) {
        this.in = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.fault = fault;
        this.calls = new PickleCalls(fault);
    }

    /**
     * Runs the pickle to its end.
     *
     * @return what it leaves on the stack
     * @throws CheckpointException if it is damaged or wants anything but data
     */
    static Pickled read(ByteBuffer in, PickleFault fault) {
        return new Unpickler(in, fault).run();
    }

    private Pickled run() {
        try {
            for (int code = next(); code != '.'; code = next()) {
                if (!literal(code) && !container(code) && !reference(code)) {
                    throw fault.unsafe("the pickle instruction 0x%02x".formatted(code));
                }
            }
            return pop();
        } catch (BufferUnderflowException e) {
            CheckpointException truncated = fault.damaged("its pickle ends early");
            truncated.initCause(e);
            throw truncated;
        }
    }

    /** Instructions that push one value written in the pickle itself. */
    private boolean literal(int code) {
        switch (code) {
            case 0x80 -> protocol(next());
            case 0x95 -> in.getLong(); // FRAME: a hint for readers of streams
            case 'N' -> push(NONE);
            case 0x88 -> push(TRUE);
            case 0x89 -> push(FALSE);
            case 'J' -> push(whole(in.getInt()));
            case 'K' -> push(whole(next()));
            case 'M' -> push(whole(Short.toUnsignedInt(in.getShort())));
            case 0x8a -> push(whole(longInteger(next())));
            case 'G' ->
                push(new Pickled.Leaf(new SavedValue.Real(Double.longBitsToDouble(Long.reverseBytes(in.getLong())))));
            case 'X' -> push(text(in.getInt(), StandardCharsets.UTF_8));
            case 0x8c -> push(text(next(), StandardCharsets.UTF_8));
            case 0x8d -> push(text(in.getLong(), StandardCharsets.UTF_8));
            case 'T' -> push(text(in.getInt(), StandardCharsets.ISO_8859_1));
            case 'U' -> push(text(next(), StandardCharsets.ISO_8859_1));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Instructions that build tuples, lists and dictionaries. */
    private boolean container(int code) {
        switch (code) {
            case '(' -> mark();
            case ')' -> push(new Pickled.Items(List.of(), false));
            case 't' -> push(new Pickled.Items(popMarked(), false));
            case 0x85 -> push(tuple(1));
            case 0x86 -> push(tuple(2));
            case 0x87 -> push(tuple(3));
            case ']' -> push(new Pickled.Items(new ArrayList<>(), true));
            case 'l' -> push(new Pickled.Items(popMarked(), true));
            case 'a' -> append(List.of(pop()));
            case 'e' -> append(popMarked());
            case '}' -> push(new Pickled.Table(new LinkedHashMap<>()));
            case 'd' -> {
                List<Pickled> pairs = popMarked();
                push(new Pickled.Table(new LinkedHashMap<>()));
                set(pairs);
            }
            case 's' -> set(tuple(2).values());
            case 'u' -> set(popMarked());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Instructions that name, remember, call or drop values. */
    private boolean reference(int code) {
        switch (code) {
            case 'h' -> push(remembered(next()));
            case 'j' -> push(remembered(in.getInt()));
            case 'q' -> remember(next());
            case 'r' -> remember(in.getInt());
            case 0x94 -> remember(memo.size());
            case 'c' -> push(global(line() + "." + line()));
            case 0x93 -> {
                List<Pickled> names = tuple(2).values();
                push(global(plain(names.get(0)) + "." + plain(names.get(1))));
            }
            case 'R' -> {
                List<Pickled> call = tuple(2).values();
                push(calls.call(call.get(0), call.get(1)));
            }
            case 'Q' -> push(calls.storage(pop()));
            case 'b' -> build();
            case '0' -> pop();
            case '1' -> popMarked();
            case '2' -> push(top());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Attributes of a dictionary (a state dict has {@code _metadata}, versions of modules): dropped. */
    private void build() {
        Pickled attributes = pop();
        if (!(attributes instanceof Pickled.Table) || !(top() instanceof Pickled.Table)) {
            throw fault.unsafe("attributes of an object that is no dictionary");
        }
    }

    private int next() {
        return Byte.toUnsignedInt(in.get());
    }

    private void protocol(int version) {
        if (version > 5) {
            throw fault.damaged("its pickle has the protocol %d".formatted(version));
        }
    }

    private Pickled global(String name) {
        return PickleGlobals.find(name).orElseThrow(() -> fault.unsafe(name));
    }

    private static Pickled whole(long value) {
        return new Pickled.Leaf(new SavedValue.Whole(value));
    }

    private long longInteger(int count) {
        byte[] bytes = take(count);
        for (int i = 0; i < count / 2; i++) {
            byte swap = bytes[i];
            bytes[i] = bytes[count - 1 - i];
            bytes[count - 1 - i] = swap;
        }
        BigInteger value = count == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        if (value.bitLength() >= Long.SIZE) {
            throw fault.damaged("it has an integer of %d bits".formatted(value.bitLength() + 1));
        }
        return value.longValueExact();
    }

    private byte[] take(long count) {
        if (count < 0 || count > in.remaining()) {
            throw fault.damaged("a value of %s bytes goes beyond its pickle".formatted(Long.toUnsignedString(count)));
        }
        byte[] bytes = new byte[(int) count];
        in.get(bytes);
        return bytes;
    }

    private Pickled text(long count, Charset charset) {
        try {
            String text =
                    charset.newDecoder().decode(ByteBuffer.wrap(take(count))).toString();
            return new Pickled.Leaf(new SavedValue.Text(text));
        } catch (CharacterCodingException e) {
            CheckpointException wrong = fault.damaged("a text in its pickle is not UTF-8");
            wrong.initCause(e);
            throw wrong;
        }
    }

    private String line() {
        int start = in.position();
        while (next() != '\n') {
            // the end of the line
        }
        byte[] bytes = new byte[in.position() - 1 - start];
        in.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String plain(Pickled value) {
        if (value instanceof Pickled.Leaf leaf && leaf.value() instanceof SavedValue.Text text) {
            return text.value();
        }
        throw fault.damaged("a name in its pickle is no text");
    }

    private void counted() {
        if (++values > MOST_VALUES) {
            throw fault.damaged("its pickle has more than %d values".formatted(MOST_VALUES));
        }
    }

    private void push(Pickled value) {
        counted();
        stack.add(value);
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private Pickled top() {
        if (stack.size() <= floor()) {
            throw fault.damaged("its pickle takes more values than there are");
        }
        return stack.get(stack.size() - 1);
    }

    private Pickled pop() {
        Pickled top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    private Pickled.Items tuple(int count) {
        List<Pickled> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(0, pop());
        }
        return new Pickled.Items(taken, false);
    }

    private void mark() {
        counted();
        marks.add(stack.size());
    }

    private List<Pickled> popMarked() {
        if (marks.isEmpty()) {
            throw fault.damaged("its pickle ends a list that never began");
        }
        List<Pickled> above = stack.subList(marks.remove(marks.size() - 1), stack.size());
        List<Pickled> taken = new ArrayList<>(above);
        above.clear();
        return taken;
    }

    private void append(List<Pickled> added) {
        if (!(top() instanceof Pickled.Items list) || !list.grows()) {
            throw fault.damaged("it appends to what is no list");
        }
        list.values().addAll(added);
    }

    private void set(List<Pickled> pairs) {
        if (!(top() instanceof Pickled.Table table) || pairs.size() % 2 != 0) {
            throw fault.damaged("it sets keys of what is no dictionary");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            String key = key(pairs.get(i));
            if (table.values().putIfAbsent(key, pairs.get(i + 1)) != null) {
                throw fault.damaged("it names \"%s\" twice".formatted(PickleFault.printable(key)));
            }
        }
    }

    /** Keys that are no text as Python prints them. */
    private String key(Pickled key) {
        if (key instanceof Pickled.Leaf leaf) {
            if (leaf.value() instanceof SavedValue.Text text) {
                return text.value();
            }
            if (leaf.value() instanceof SavedValue.Whole whole) {
                return Long.toString(whole.value());
            }
            if (leaf.value() instanceof SavedValue.Truth truth) {
                return truth.value() ? "True" : "False";
            }
            if (leaf.value() instanceof SavedValue.None) {
                return "None";
            }
        }
        throw fault.damaged("a key of a dictionary is neither text nor an integer");
    }

    private Pickled remembered(int index) {
        return Optional.ofNullable(memo.get(index))
                .orElseThrow(
                        () -> fault.damaged("its pickle refers to the value %d, which is not there".formatted(index)));
    }

    private void remember(int index) {
        counted();
        memo.put(index, top());
    }
}
