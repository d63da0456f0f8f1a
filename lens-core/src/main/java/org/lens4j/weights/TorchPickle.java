package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;

/**
 * A file that {@code torch.save} wrote ({@code .bin}, {@code .pt}, {@code .pth}): a zip of one pickle and one entry of
 * plain numbers for each storage. The pickle is read as data by {@link Unpickler}; nothing in it is ever run.
 *
 * <p>The tensors are those of the state dict: of the dictionary under {@code model}, {@code state_dict} or
 * {@code model_state_dict} if there is one, and of the outermost dictionary otherwise. What else the file holds, such as
 * nanoGPT's {@code model_args}, is in {@link #values()}.
 */
public final class TorchPickle implements Checkpoint {
    private static final List<String> WRAPPERS = List.of("model", "state_dict", "model_state_dict");
    private static final long LARGEST_PICKLE = 64L << 20;
    private static final int ZIP = 0x0403_4b50;
    private static final int NEWEST_PROTOCOL = 5;

    private final Path file;
    private final long size;
    private final SavedValue.Mapping values;
    private final Map<String, StoredView> tensors;

    private TorchPickle(Path file, long size, SavedValue.Mapping values, Map<String, StoredView> tensors) {
        this.file = file;
        this.size = size;
        this.values = values;
        this.tensors = tensors;
    }

    /**
     * Reads the pickle and checks every tensor of the state dict against the file. No tensor is read yet.
     *
     * @throws CheckpointException if the file is missing, damaged, older than PyTorch 1.6, or refers to anything that data
     *     does not need
     */
    public static TorchPickle open(Path file) {
        return OpenFile.with(file, (channel, size) -> read(file, channel, size));
    }

    /** Reads from a channel what {@link #open} reads from the file. */
    static TorchPickle read(Path file, SeekableByteChannel channel, long size) throws IOException {
        PickleFault fault = new PickleFault(file);
        ByteBuffer start = OpenFile.start(channel, size);
        if (!isZip(start)) {
            throw mayBe(start) ? legacy(file) : fault.damaged("it does not begin like one");
        }
        return read(new Archive(channel, ZipDirectory.read(channel, size, fault), fault), size);
    }

    /** Whether a file that begins so is meant for this class: a zip, or the bare pickle that older versions wrote. */
    static boolean mayBe(ByteBuffer start) {
        boolean isPickle = start.remaining() > 1
                && start.get(0) == (byte) 0x80
                && Byte.toUnsignedInt(start.get(1)) <= NEWEST_PROTOCOL;
        return isZip(start) || (isPickle && !isSafetensors(start));
    }

    /** The length of a safetensors header may have the bytes a pickle begins with: 640 is 80 02. */
    private static boolean isSafetensors(ByteBuffer start) {
        return start.remaining() > Long.BYTES && start.getInt(Integer.BYTES) == 0 && start.get(Long.BYTES) == '{';
    }

    private static boolean isZip(ByteBuffer start) {
        return start.remaining() >= Integer.BYTES && start.getInt(0) == ZIP;
    }

    private static CheckpointException legacy(Path file) {
        return new CheckpointException(("%s was saved in the form of PyTorch before 1.6, which is not read."
                        + " Load it in Python with a newer PyTorch and save it again with torch.save.")
                .formatted(file));
    }

    /** The entries while the file is open. */
    private record Archive(SeekableByteChannel channel, ZipDirectory directory, PickleFault fault) {
        Optional<FileRegion> region(String name) throws IOException {
            return directory.region(channel, name);
        }

        ByteBuffer content(FileRegion region) throws IOException {
            return OpenFile.bytes(channel, region.position(), Math.toIntExact(region.length()));
        }

        /** The folder in the zip that everything lies in. */
        String folder() {
            List<String> found = directory.names().stream()
                    .filter(it -> it.endsWith("/data.pkl") && it.indexOf('/') == it.length() - "/data.pkl".length())
                    .toList();
            if (found.size() != 1) {
                throw fault.damaged("it has %d entries data.pkl instead of 1".formatted(found.size()));
            }
            return found.get(0).substring(0, found.get(0).length() - "data.pkl".length());
        }
    }

    private static TorchPickle read(Archive archive, long size) throws IOException {
        PickleFault fault = archive.fault();
        String folder = archive.folder();
        FileRegion pickle = archive.region(folder + "data.pkl").orElseThrow();
        if (pickle.length() > LARGEST_PICKLE) {
            throw fault.damaged(
                    "its pickle has %d bytes, and at most %d are read".formatted(pickle.length(), LARGEST_PICKLE));
        }
        refuseBigEndian(archive, folder);
        Pickled root = Unpickler.read(archive.content(pickle), fault);
        if (!(root instanceof Pickled.Table table)
                || !(PickleTree.of(root, fault) instanceof SavedValue.Mapping values)) {
            throw new CheckpointException(
                    "%s holds no dictionary of tensors. Save torch.save(model.state_dict(), FILE)."
                            .formatted(fault.file()));
        }
        Map<String, StoredView> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, Pickled> value : stateDict(table).values().entrySet()) {
            if (value.getValue() instanceof Pickled.Tensor tensor) {
                tensors.put(value.getKey(), view(value.getKey(), tensor, archive, folder, size));
            }
        }
        if (tensors.isEmpty()) {
            throw new CheckpointException(
                    "%s holds no tensors where a state dict has them, only: %s. Save torch.save(model.state_dict(), FILE)."
                            .formatted(
                                    fault.file(),
                                    String.join(
                                            ", ",
                                            values.keys().stream()
                                                    .limit(10)
                                                    .map(PickleFault::printable)
                                                    .toList())));
        }
        return new TorchPickle(fault.file(), size, values, tensors);
    }

    private static void refuseBigEndian(Archive archive, String folder) throws IOException {
        Optional<FileRegion> order = archive.region(folder + "byteorder").filter(it -> it.length() < 16);
        if (order.isPresent()) {
            String text = StandardCharsets.UTF_8
                    .decode(archive.content(order.get()))
                    .toString()
                    .strip();
            if (!text.equals("little")) {
                throw archive.fault()
                        .damaged("its numbers are stored in the byte order \"%s\", and only little is read"
                                .formatted(PickleFault.printable(text)));
            }
        }
    }

    private static Pickled.Table stateDict(Pickled.Table root) {
        return WRAPPERS.stream()
                .map(it -> Optional.ofNullable(root.values().get(it)))
                .flatMap(Optional::stream)
                .filter(Pickled.Table.class::isInstance)
                .map(Pickled.Table.class::cast)
                .filter(it -> it.values().values().stream().anyMatch(Pickled.Tensor.class::isInstance))
                .findFirst()
                .orElse(root);
    }

    private static StoredView view(String name, Pickled.Tensor tensor, Archive archive, String folder, long size)
            throws IOException {
        Pickled.Storage storage = tensor.storage();
        String shown = PickleFault.printable(name);
        FileRegion numbers = archive.region(folder + "data/" + storage.key()).orElseThrow(() -> archive.fault()
                .damaged("the numbers of \"%s\" (data/%s) are missing"
                        .formatted(shown, PickleFault.printable(storage.key()))));
        if (numbers.length() % storage.type().bytes() != 0
                || numbers.length() / storage.type().bytes() != storage.count()) {
            throw archive.fault()
                    .damaged("the storage of \"%s\" claims %d numbers of %d bytes, and the file has %d bytes of it"
                            .formatted(shown, storage.count(), storage.type().bytes(), numbers.length()));
        }
        TensorEntry entry = new TensorEntry(name, storage.type(), tensor.shape());
        // A stride of 0 lets a tensor be larger than its storage; a few such bytes must not become gigabytes.
        if (entry.bytes() > size) {
            throw archive.fault()
                    .damaged(
                            "\"%s\" has %d bytes, more than the whole file (%d)".formatted(shown, entry.bytes(), size));
        }
        return new StoredView(numbers, entry, tensor.offset(), tensor.strides());
    }

    /** Everything the file holds, as data: for nanoGPT {@code model_args}, {@code iter_num}, {@code config}. */
    public SavedValue.Mapping values() {
        return values;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Collection<TensorEntry> entries() {
        return tensors.values().stream().map(StoredView::entry).toList();
    }

    @Override
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public TensorEntry entry(String name) {
        return view(name).entry();
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) {
        return view(name).bytes(from, count);
    }

    @Override
    public void read(String name, long from, ByteBuffer into) {
        view(name).read(from, into);
    }

    @Override
    public Optional<ByteBuffer> privateBytes(String name) {
        return view(name).privateBytes();
    }

    private StoredView view(String name) {
        return Optional.ofNullable(tensors.get(name))
                .orElseThrow(() -> UnknownNameException.of(
                        "tensor", name, file.toString(), Collections.unmodifiableSet(tensors.keySet()), ""));
    }
}
