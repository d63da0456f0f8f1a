package org.lens4j.kernel.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.util.Optional;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** The client's ends of a kernel's five sockets. Each socket has one lock, so any thread may use any of them. */
final class Sockets implements AutoCloseable {
    private static final int RECONNECT_MS = 20;
    private static final JsonObject NOTHING = new JsonObject();

    private final ZContext context = new ZContext();
    private final Frames frames;
    final ZMQ.Socket shell;
    final ZMQ.Socket iopub;
    final ZMQ.Socket stdin;
    final ZMQ.Socket control;
    final ZMQ.Socket heartbeat;

    Sockets(ConnectionFile file) {
        frames = new Frames(file.key());
        context.setLinger(0);
        shell = connect(SocketType.DEALER, file.address(file.shell()));
        control = connect(SocketType.DEALER, file.address(file.control()));
        stdin = connect(SocketType.DEALER, file.address(file.stdin()));
        heartbeat = connect(SocketType.DEALER, file.address(file.heartbeat()));
        iopub = connect(SocketType.SUB, file.address(file.iopub()));
        iopub.subscribe(ZMQ.SUBSCRIPTION_ALL);
    }

    private ZMQ.Socket connect(SocketType type, String address) {
        ZMQ.Socket socket = context.createSocket(type);
        // The kernel asks for input on the stdin socket by the name it knows from the shell socket.
        socket.setIdentity(frames.session().getBytes(UTF_8));
        socket.setReconnectIVL(RECONNECT_MS);
        socket.setRcvHWM(0);
        socket.setSndHWM(0);
        socket.setLinger(0);
        socket.connect(address);
        return socket;
    }

    Frames frames() {
        return frames;
    }

    /** Sends a request and gives its id. */
    String send(ZMQ.Socket socket, String type, JsonObject content) {
        return send(socket, type, NOTHING, content);
    }

    String send(ZMQ.Socket socket, String type, JsonObject parent, JsonObject content) {
        JsonObject header = frames.header(type);
        synchronized (socket) {
            frames.pack(header, parent, content).send(socket);
        }
        return header.get("msg_id").getAsString();
    }

    /** The next message already there; unsigned and broken ones are passed over. */
    Optional<Frames.Message> receive(ZMQ.Socket socket) {
        while (true) {
            ZMsg message;
            synchronized (socket) {
                message = ZMsg.recvMsg(socket, false);
            }
            if (message == null) {
                return Optional.empty();
            }
            Optional<Frames.Message> unpacked = frames.unpack(message);
            if (unpacked.isPresent()) {
                return unpacked;
            }
        }
    }

    /** Waits until one of the sockets has something to read, or the time is over. */
    void await(long millis, ZMQ.Socket... watched) {
        try (ZMQ.Poller poller = context.createPoller(watched.length)) {
            for (ZMQ.Socket socket : watched) {
                poller.register(socket, ZMQ.Poller.POLLIN);
            }
            poller.poll(millis);
        }
    }

    /** Sends one heartbeat and says whether it came back in time. */
    boolean beats(long millis) {
        synchronized (heartbeat) {
            ZMsg beat = new ZMsg();
            beat.add("");
            beat.add("beat");
            beat.send(heartbeat);
            heartbeat.setReceiveTimeOut((int) millis);
            return ZMsg.recvMsg(heartbeat) != null;
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
