package org.lens4j.kernel.host.ijava;

import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import io.github.spencerpark.jupyter.kernel.magic.MagicParser;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.function.Function;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.ForeignKernel;
import org.lens4j.kernel.host.MagicText;

/** IJava 1.3.0, by its base library and, for the few things that are its own, by reflection. */
public final class IJavaKernel implements ForeignKernel {
    private static final String MAIN = "io.github.spencerpark.ijava.IJava";

    private final BaseKernel kernel;

    /** For a kernel that has IJava's shape: {@code getMagics()}, {@code evalRaw(String)}, {@code magicsTransformer.parser}. */
    public IJavaKernel(BaseKernel kernel) {
        this.kernel = kernel;
    }

    /** The one that runs in this process. */
    public static Optional<ForeignKernel> running() {
        try {
            Object running = Class.forName(MAIN).getMethod("getKernelInstance").invoke(null);
            return running instanceof BaseKernel kernel ? Optional.of(new IJavaKernel(kernel)) : Optional.empty();
        } catch (ReflectiveOperationException | LinkageError absent) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return "IJava";
    }

    @Override
    public void display(MimeBundle bundle, Optional<String> displayId) {
        DisplayData data = data(bundle);
        displayId.ifPresent(data::setDisplayId);
        kernel.display(data);
    }

    @Override
    public void update(MimeBundle bundle, String displayId) {
        kernel.getIO().display.updateDisplay(displayId, data(bundle));
    }

    private static DisplayData data(MimeBundle bundle) {
        DisplayData data = new DisplayData();
        bundle.data().forEach(data::putData);
        return data;
    }

    @Override
    public Optional<Object> eval(String java) throws Exception {
        try {
            return Optional.ofNullable(
                    kernel.getClass().getMethod("evalRaw", String.class).invoke(kernel, java));
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception thrown ? thrown : e;
        }
    }

    private Magics magics() {
        try {
            return (Magics) kernel.getClass().getMethod("getMagics").invoke(kernel);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "IJava was expected to have getMagics(), and %s has not: %s. Lens4J works in IJava 1.3.0."
                            .formatted(kernel.getClass().getName(), e),
                    e);
        }
    }

    @Override
    public void register(String name, Word word) {
        magics().registerLineMagic(name, args -> word.run(args, Optional.empty()));
    }

    @Override
    public void registerForCells(String name, Word word) {
        magics().registerCellMagic(name, (args, body) -> word.run(args, Optional.of(body)));
    }

    @Override
    public <T> void render(Class<T> type, Function<? super T, MimeBundle> display) {
        kernel.getRenderer()
                .createRegistration(type)
                .preferring(MIMEType.TEXT_PLAIN, MIMEType.TEXT_HTML, MIMEType.IMAGE_PNG)
                .register(
                        (value, context) -> display.apply(value).data().forEach(context.getOutputContainer()::putData));
    }

    @Override
    public void read(MagicText text) {
        try {
            Object transformer = field(kernel, "magicsTransformer");
            Field parser = transformer.getClass().getDeclaredField("parser");
            parser.setAccessible(true);
            parser.set(transformer, new IJavaCells((MagicParser) parser.get(transformer), text));
        } catch (ReflectiveOperationException | RuntimeException notAsExpected) {
            // The registry works without; only quotes and backslashes are then read as IJava reads them.
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    /** It ends every magic with {@code ;{};}. */
    @Override
    public boolean showsValues() {
        return false;
    }
}
