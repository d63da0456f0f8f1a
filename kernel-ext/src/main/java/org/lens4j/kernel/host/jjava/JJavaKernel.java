package org.lens4j.kernel.host.jjava;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Function;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.dflib.jjava.jupyter.kernel.magic.CellMagic;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.ForeignKernel;
import org.lens4j.kernel.host.MagicText;

/** JJava from 1.0-a6 on. */
public final class JJavaKernel implements ForeignKernel {
    /** Versions that have this class show the value of a magic in the last line. */
    private static final String SHOWS_VALUES = "org.dflib.jjava.jupyter.kernel.EvalBuilder";

    private final BaseKernel kernel;

    JJavaKernel(BaseKernel kernel) {
        this.kernel = kernel;
    }

    /** The one that runs in this process. */
    public static Optional<ForeignKernel> running() {
        try {
            return Optional.of(new JJavaKernel(BaseKernel.notebookKernel()));
        } catch (NullPointerException | LinkageError absent) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return "JJava";
    }

    @Override
    public void display(MimeBundle bundle, Optional<String> displayId) {
        DisplayData data = data(bundle);
        displayId.ifPresent(it -> data.putTransientData("display_id", it));
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
            // Later versions deprecate it for removal, so it is looked up when it is needed.
            return Optional.ofNullable(
                    BaseKernel.class.getMethod("evalRaw", String.class).invoke(kernel, java));
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception thrown ? thrown : e;
        }
    }

    @Override
    public void register(String name, Word word) {
        LineMagic<Object, BaseKernel> magic = (it, args) -> word.run(args, Optional.empty());
        kernel.getMagicsRegistry().registerLineMagic(name, magic);
    }

    @Override
    public void registerForCells(String name, Word word) {
        CellMagic<Object, BaseKernel> magic = (it, args, body) -> word.run(args, Optional.of(body));
        kernel.getMagicsRegistry().registerCellMagic(name, magic);
    }

    @Override
    public <T> void render(Class<T> type, Function<? super T, MimeBundle> display) {
        kernel.getRenderer()
                .createRegistration(type)
                .preferring(MIMEType.TEXT_PLAIN, MIMEType.TEXT_HTML, MIMEType.IMAGE_PNG)
                .register(
                        (value, context) -> display.apply(value).data().forEach(context.getOutputContainer()::putData));
    }

    /** The reader of cells is called a parser in the first version and a resolver in later ones. */
    @Override
    public void read(MagicText text) {
        boolean read = reads("magicsResolver", "resolve", "magicTranspiler", text)
                || reads("magicParser", "resolveMagics", "transpiler", text);
        if (!read) {
            // The registry works without; only quotes, backslashes and text blocks are then read as JJava reads them.
            System.err.println("This JJava reads cells in a way Lens4J does not know: quotes in magics may get lost.");
        }
    }

    private boolean reads(String readerName, String method, String transpilerName, MagicText text) {
        try {
            Object reader = field(BaseKernel.class, readerName).get(kernel);
            Class<?> type = reader.getClass();
            Field transpiler = field(type, transpilerName);
            Field cells = field(type, "cellMagicPattern");
            Field lines = field(type, "lineMagicPattern");
            Object own = type.getConstructor(String.class, String.class, MagicTranspiler.class)
                    .newInstance("%", "%%", transpiler.get(reader));
            cells.set(own, cells.get(reader));
            lines.set(own, lines.get(reader));
            Method resolve = type.getMethod(method, String.class);
            transpiler.set(reader, new JJavaCells(source -> resolved(resolve, own, source), text));
            cells.set(reader, JJavaCells.ANY_CELL);
            return true;
        } catch (ReflectiveOperationException | RuntimeException notAsExpected) {
            return false;
        }
    }

    private static Field field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static String resolved(Method resolve, Object reader, String source) {
        try {
            return (String) resolve.invoke(reader, source);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException thrown ? thrown : new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("JJava's reader of cells cannot be called.", e);
        }
    }

    @Override
    public boolean showsValues() {
        try {
            Class.forName(SHOWS_VALUES, false, BaseKernel.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException old) {
            return false;
        }
    }
}
