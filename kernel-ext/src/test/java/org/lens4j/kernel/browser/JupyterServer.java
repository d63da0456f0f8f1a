package org.lens4j.kernel.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real Jupyter Notebook server of the distribution, which finds the bundled kernel as JUPYTER_PATH says. Its notebooks lie in
 * the directory it is given.
 */
final class JupyterServer implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(1);
    private static final String TOKEN = "lens";

    private final Process process;
    private final Path directory;
    private final int port;

    private JupyterServer(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /** Starts one and waits until it listens. */
    static JupyterServer start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int port = freePort();
        Path log = directory.resolveSibling("jupyter.log");
        ProcessBuilder builder = new ProcessBuilder(
                        "/usr/bin/python3",
                        "-m",
                        "notebook",
                        "--no-browser",
                        "--allow-root",
                        "--ip=127.0.0.1",
                        "--port=" + port,
                        "--NotebookApp.port_retries=0",
                        "--NotebookApp.token=" + TOKEN,
                        "--notebook-dir=" + directory)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        JupyterServer server = new JupyterServer(builder.start(), directory, port);
        Instant end = Instant.now().plus(START);
        while (!server.listens()) {
            if (!server.process.isAlive() || Instant.now().isAfter(end)) {
                server.close();
                throw new IOException("Jupyter Notebook did not start. It says:\n" + Files.readString(log, UTF_8));
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes a notebook of those cells for the bundled kernel. */
    void write(String name, List<String> cells) throws IOException {
        JsonArray all = new JsonArray();
        for (String source : cells) {
            JsonObject cell = new JsonObject();
            cell.addProperty("cell_type", "code");
            cell.addProperty("source", source);
            cell.add("metadata", new JsonObject());
            cell.add("outputs", new JsonArray());
            cell.add("execution_count", JsonNull.INSTANCE);
            all.add(cell);
        }
        JsonObject spec = new JsonObject();
        spec.addProperty("name", "lens4j");
        spec.addProperty("display_name", "Lens4J");
        spec.addProperty("language", "java");
        JsonObject metadata = new JsonObject();
        metadata.add("kernelspec", spec);
        JsonObject notebook = new JsonObject();
        notebook.add("cells", all);
        notebook.add("metadata", metadata);
        notebook.addProperty("nbformat", 4);
        notebook.addProperty("nbformat_minor", 4);
        Files.writeString(
                directory.resolve(name),
                new GsonBuilder().serializeNulls().create().toJson(notebook));
    }

    /** Where the notebooks lie. */
    Path directory() {
        return directory;
    }

    /** The address of a notebook, with what lets the browser in. */
    URI address(String name) {
        return URI.create("http://127.0.0.1:%d/notebooks/%s?token=%s".formatted(port, name, TOKEN));
    }

    /** Ends the server, which ends its kernels. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
