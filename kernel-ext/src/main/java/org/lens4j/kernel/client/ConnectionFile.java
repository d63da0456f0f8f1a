package org.lens4j.kernel.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The five free ports and the key a kernel is told to use, in a file only this user can read. */
record ConnectionFile(Path path, int shell, int iopub, int stdin, int control, int heartbeat, String key)
        implements AutoCloseable {
    private static final int KEY_BYTES = 32;

    static ConnectionFile create() throws IOException {
        List<Integer> ports = freePorts(5);
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        // createTempFile gives 0600 where the file system knows permissions.
        Path path = Files.createTempFile(prefix(), ".json");
        ConnectionFile file = new ConnectionFile(
                path,
                ports.get(0),
                ports.get(1),
                ports.get(2),
                ports.get(3),
                ports.get(4),
                HexFormat.of().formatHex(key));
        Files.writeString(path, file.json().toString());
        return file;
    }

    /** What the names of this process's connection files begin with. */
    static String prefix() {
        return "lens4j-kernel-%d-".formatted(ProcessHandle.current().pid());
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                held.add(socket);
                ports.add(socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        return ports;
    }

    String address(int port) {
        return "tcp://127.0.0.1:" + port;
    }

    private JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("ip", "127.0.0.1");
        json.addProperty("transport", "tcp");
        json.addProperty("signature_scheme", "hmac-sha256");
        json.addProperty("key", key);
        json.addProperty("shell_port", shell);
        json.addProperty("iopub_port", iopub);
        json.addProperty("stdin_port", stdin);
        json.addProperty("control_port", control);
        json.addProperty("hb_port", heartbeat);
        json.addProperty("kernel_name", "lens4j");
        return json;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
