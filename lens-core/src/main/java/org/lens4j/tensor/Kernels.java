package org.lens4j.tensor;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lens4j.error.UnknownNameException;

/**
 * Calls the operators of {@code kernels.py} and {@code onednn.py}, the TorchScript texts beside this class, by name. One call costs a few
 * microseconds, takes part in autograd when this thread's gradient mode is on, and leaves its result with the owner of the
 * first argument, so the activation comes first and weights after it.
 *
 * <pre>{@code
 * NDArray y = Kernels.call("gelu_tanh", x);    // owned by x's manager
 * }</pre>
 */
public final class Kernels {
    private static final String SOURCE = "/org/lens4j/tensor/kernels.py";
    private static final String ONEDNN = "/org/lens4j/tensor/onednn.py";
    private static final float BFLOAT16_ERROR = 0.02f;
    private static final Pattern METHOD = Pattern.compile("^ *def (\\w+)\\(self", Pattern.MULTILINE);

    /** libtorch's graph optimiser is a switch of each thread; it would only re-compile these small methods. */
    private static final ThreadLocal<Boolean> PLAIN_EXECUTION = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private final PtSymbolBlock module;
    private final Map<String, NDArray> tags;

    private Kernels(NDManager manager, String source) {
        byte[] archive = TorchScriptArchive.of(source);
        try {
            module = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, NDArray> named = new LinkedHashMap<>();
        Matcher method = METHOD.matcher(source);
        while (method.find()) {
            NDArray tag = manager.zeros(new ai.djl.ndarray.types.Shape(1));
            tag.setName("module_method:" + method.group(1));
            named.put(method.group(1), tag);
        }
        tags = Map.copyOf(named);
    }

    /** All operators, or, where libtorch lacks some of oneDNN's or computes something else by them, those that need none. */
    private static Kernels start(NDManager manager) {
        String plain = source(SOURCE);
        try {
            Kernels all = new Kernels(manager, plain + source(ONEDNN));
            if (all.isRight(manager)) {
                return all;
            }
        } catch (EngineException e) {
            // This build has no such operators, or this processor cannot run them: nothing is lost but time.
            return new Kernels(manager, plain);
        }
        return new Kernels(manager, plain);
    }

    /** Whether what oneDNN computes is what the plain operators compute, with both types of weight. */
    private boolean isRight(NDManager manager) {
        try (NDManager inside = manager.newSubManager()) {
            NDArray x = inside.arange(-2f, 2f, 0.0078125f).reshape(64, 8);
            NDArray w = inside.arange(-1f, 1f, 0.0625f).reshape(8, 4);
            NDArray b = inside.arange(-0.5f, 0.5f, 0.25f);
            for (String activation : List.of("gelu", "gelu_tanh")) {
                NDArray expected = run(activation, run("linear", x, w, b));
                NDArray exact = run("linear_" + activation, x, w, b, run("packed", x, w));
                NDArray brief = run("shorten", x, w);
                NDArray rounded = run("linear_" + activation, x, brief, b, run("packed", x, brief));
                if (!expected.allClose(exact, 1e-5, 1e-5, false)
                        || !expected.allClose(run("numbers", rounded), BFLOAT16_ERROR, BFLOAT16_ERROR, false)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Whether there is an operator of that name: not every build of libtorch has those of {@code onednn.py}. */
    public static boolean offers(String name) {
        return Holder.KERNELS.tags.containsKey(name);
    }

    /**
     * Calls an operator with one result.
     *
     * @param name a method of {@code kernels.py}
     * @param arguments as the method takes them; the first one's owner gets the result
     * @throws UnknownNameException if there is no such operator
     */
    public static NDArray call(String name, NDArray... arguments) {
        return Holder.KERNELS.run(name, arguments);
    }

    /**
     * Calls an operator that changes its first argument, with autograd off.
     *
     * @param name a method of {@code kernels.py} whose name ends in {@code in_place}
     * @param arguments as the method takes them; the first one is changed
     * @throws UnknownNameException if there is no such operator
     */
    public static void inPlace(String name, NDArray... arguments) {
        // The result is a second handle on the first argument's memory: it must not pile up with that argument's owner.
        Autograd.recording(false, () -> call(name, arguments)).close();
    }

    /**
     * How a tensor changes with others, by the graph that autograd recorded. The graph stays until its tensors are closed.
     *
     * @param y what was computed
     * @param weight of each of y's numbers, like y
     * @param inputs tracked tensors, or recorded ones on the way to y
     * @return one for each input and like it, zeros where y does not depend on it; owned by y's manager
     */
    public static NDList gradients(NDArray y, NDArray weight, NDList inputs) {
        return Holder.KERNELS.runWithList("gradients", inputs, y, weight);
    }

    /**
     * Calls an operator whose last argument is a list.
     *
     * @param name a method of {@code kernels.py}
     * @param list the last argument
     * @param arguments those before it; the first one's owner gets the result
     * @throws UnknownNameException if there is no such operator
     */
    public static NDArray callWithList(String name, NDList list, NDArray... arguments) {
        return Holder.KERNELS.runWithList(name, list, arguments).get(0);
    }

    /**
     * Calls an operator with several results.
     *
     * @param name a method of {@code kernels.py} that gives a list
     * @param arguments as the method takes them; the first one's owner gets the results
     * @throws UnknownNameException if there is no such operator
     */
    public static NDList callForList(String name, NDArray... arguments) {
        return Holder.KERNELS.runWithList(name, new NDList(), arguments);
    }

    private NDList runWithList(String name, NDList list, NDArray... arguments) {
        if (!PLAIN_EXECUTION.get()) {
            throw new IllegalStateException("unreachable: the initial value is true");
        }
        NDList inputs = new NDList(arguments);
        inputs.addAll(list);
        inputs.add(tag(name));
        // DJL tells the parts of a list by their names. A name that stayed would make a list of a later plain argument.
        List<String> names = list.stream().map(NDArray::getName).toList();
        list.forEach(each -> each.setName("list[]"));
        try {
            return IValueUtils.forward(module, inputs, true);
        } finally {
            for (int i = 0; i < names.size(); i++) {
                list.get(i).setName(names.get(i));
            }
        }
    }

    private NDArray run(String name, NDArray... arguments) {
        if (!PLAIN_EXECUTION.get()) {
            throw new IllegalStateException("unreachable: the initial value is true");
        }
        NDArray tag = tag(name);
        NDList inputs = new NDList(arguments.length + 1);
        inputs.addAll(Arrays.asList(arguments));
        inputs.add(tag);
        return IValueUtils.forward(module, inputs, true).get(0);
    }

    private NDArray tag(String name) {
        return Optional.ofNullable(tags.get(name))
                .orElseThrow(() -> UnknownNameException.of("kernel", name, "kernels.py", tags.keySet(), ""));
    }

    private static String source(String resource) {
        try (InputStream in = Optional.ofNullable(Kernels.class.getResourceAsStream(resource))
                .orElseThrow(() -> new IllegalStateException(resource + " is missing from the jar."))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.strip().startsWith("#"))
                    .collect(Collectors.joining("\n", "", "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles the operators on first use, once for the process; their memory lives as long as the process. */
    private static final class Holder {
        static final Kernels KERNELS = Kernels.start(NativeLibrary.start());
    }
}
