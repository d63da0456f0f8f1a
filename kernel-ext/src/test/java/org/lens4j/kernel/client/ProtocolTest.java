package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** The protocol message by message, as clients of other makes send it. */
@Timeout(180)
class ProtocolTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ConnectionFile file;
    private KernelProcess process;
    private Sockets client;

    @BeforeEach
    void start() throws IOException {
        file = ConnectionFile.create();
        List<String> command = TestKernels.command(TestKernels.WITH_MAGICS).stream()
                .map(word -> word.replace("{connection_file}", file.path().toString()))
                .toList();
        process = KernelProcess.start(command, Path.of("").toAbsolutePath(), Map.of());
        client = new Sockets(file);
        assertThat(reply(client, client.shell, "kernel_info_request", new JsonObject())
                        .get("status")
                        .getAsString())
                .isEqualTo("ok");
        awaitPublished("idle", it -> isState(it, "idle"));
    }

    @AfterEach
    void stop() throws IOException {
        process.end(Duration.ZERO);
        client.close();
        file.close();
    }

    private static JsonObject content(Object... pairs) {
        JsonObject content = new JsonObject();
        for (int i = 0; i < pairs.length; i += 2) {
            String name = (String) pairs[i];
            if (pairs[i + 1] instanceof Boolean flag) {
                content.addProperty(name, flag);
            } else if (pairs[i + 1] instanceof Number number) {
                content.addProperty(name, number);
            } else {
                content.addProperty(name, (String) pairs[i + 1]);
            }
        }
        return content;
    }

    private static Frames.Message await(Sockets of, ZMQ.Socket socket, String what, Predicate<Frames.Message> wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            of.await(100, socket);
            for (var m = of.receive(socket); m.isPresent(); m = of.receive(socket)) {
                if (wanted.test(m.get())) {
                    return m.get();
                }
            }
        }
        throw new AssertionError("No " + what + " came within " + PATIENCE.toSeconds() + " s.");
    }

    private static JsonObject reply(Sockets of, ZMQ.Socket socket, String type, JsonObject content) {
        String id = of.send(socket, type, content);
        return await(of, socket, "reply to " + type, it -> it.parent().equals(id))
                .content();
    }

    private Frames.Message awaitPublished(String what, Predicate<Frames.Message> wanted) {
        return await(client, client.iopub, what, wanted);
    }

    private static boolean isState(Frames.Message message, String state) {
        return message.type().equals("status")
                && message.content().get("execution_state").getAsString().equals(state);
    }

    /** What is published for a request, from busy to idle. */
    private List<Frames.Message> published(String id) {
        List<Frames.Message> all = new ArrayList<>();
        awaitPublished("idle", it -> {
            if (it.parent().equals(id)) {
                all.add(it);
            }
            return it.parent().equals(id) && isState(it, "idle");
        });
        return all;
    }

    private JsonObject execute(String code) {
        return reply(client, client.shell, "execute_request", content("code", code, "stop_on_error", true));
    }

    @Test
    void a_cell_is_published_from_busy_to_idle_under_its_request() {
        String id = client.send(client.shell, "execute_request", content("code", "System.out.print(\"x\");\n6 * 7"));
        assertThat(published(id))
                .extracting(Frames.Message::type)
                .containsExactly("status", "execute_input", "stream", "execute_result", "status");
    }

    @Test
    void a_silent_cell_runs_unseen_and_uncounted() {
        int before = execute("int seen = 1;").get("execution_count").getAsInt();
        String id = client.send(client.shell, "execute_request", content("code", "seen = 5; seen", "silent", true));
        assertThat(published(id)).extracting(Frames.Message::type).containsExactly("status", "status");
        JsonObject after = execute("seen");
        assertThat(after.get("execution_count").getAsInt()).isEqualTo(before + 1);
    }

    @Test
    void expressions_of_the_user_are_answered_each_for_itself() {
        JsonObject request = content("code", "int a = 20;");
        JsonObject expressions = new JsonObject();
        expressions.addProperty("good", "a + 1");
        expressions.addProperty("bad", "nothingLikeIt");
        request.add("user_expressions", expressions);
        JsonObject values =
                reply(client, client.shell, "execute_request", request).getAsJsonObject("user_expressions");
        assertThat(values.getAsJsonObject("good")
                        .getAsJsonObject("data")
                        .get("text/plain")
                        .getAsString())
                .isEqualTo("21");
        assertThat(values.getAsJsonObject("bad").get("status").getAsString()).isEqualTo("error");
    }

    @Test
    void two_hundred_requests_of_four_clients_reach_the_one_who_asked() {
        List<String> types = List.of(
                "execute_request",
                "complete_request",
                "inspect_request",
                "is_complete_request",
                "history_request",
                "comm_info_request",
                "kernel_info_request");
        JsonObject any = content(
                "code",
                "Math.max",
                "cursor_pos",
                8,
                "detail_level",
                0,
                "hist_access_type",
                "tail",
                "n",
                1,
                "raw",
                true,
                "output",
                false);
        Map<Sockets, Map<String, String>> waiting = new HashMap<>();
        for (int c = 0; c < 4; c++) {
            waiting.put(c == 0 ? client : new Sockets(file), new HashMap<>());
        }
        for (int i = 0; i < 50; i++) {
            String type = types.get(i % types.size());
            JsonObject content = type.equals("execute_request") ? content("code", "int a = 1;") : any;
            waiting.forEach(
                    (of, asked) -> asked.put(of.send(of.shell, type, content), type.replace("_request", "_reply")));
        }
        Set<String> strangers = new HashSet<>();
        waiting.forEach((of, asked) -> {
            await(of, of.shell, "last of 50 replies", it -> {
                if (!it.type().equals(asked.remove(it.parent()))) {
                    strangers.add(it.type() + " " + it.content());
                }
                return asked.isEmpty();
            });
            if (of != client) {
                of.close();
            }
        });
        assertThat(strangers).isEmpty();
    }

    @Test
    void a_stranger_cannot_end_or_stop_the_kernel() {
        Frames forger = new Frames("another key");
        for (String type : List.of("shutdown_request", "interrupt_request")) {
            ZMsg forged = forger.pack(forger.header(type), new JsonObject(), content("restart", false));
            synchronized (client.control) {
                forged.send(client.control);
            }
        }
        String id = client.send(client.shell, "execute_request", content("code", "Thread.sleep(500); \"still here\""));
        assertThat(published(id)).extracting(Frames.Message::type).contains("execute_result");
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void an_interrupt_of_an_idle_kernel_is_answered_and_harms_nothing() {
        assertThat(reply(client, client.control, "interrupt_request", new JsonObject()))
                .isNotNull();
        assertThat(execute("1 + 1").get("status").getAsString()).isEqualTo("ok");
    }

    @Test
    void an_interrupt_is_answered_while_a_cell_runs() {
        String cell = client.send(
                client.shell, "execute_request", content("code", "System.out.println(1); Thread.sleep(100_000);"));
        awaitPublished("first line", it -> it.type().equals("stream"));
        reply(client, client.control, "interrupt_request", new JsonObject());
        JsonObject ended = await(client, client.shell, "end of the cell", it -> it.parent()
                        .equals(cell))
                .content();
        assertThat(ended.get("ename").getAsString()).isEqualTo("Interrupted");
    }

    @Test
    void every_reply_says_how_it_went() {
        JsonObject any = content(
                "code",
                "Math.max",
                "cursor_pos",
                8,
                "detail_level",
                0,
                "hist_access_type",
                "tail",
                "n",
                1,
                "raw",
                true,
                "output",
                false);
        for (String type : List.of("complete", "inspect", "is_complete", "history", "comm_info", "kernel_info")) {
            JsonObject reply = reply(client, client.shell, type + "_request", any);
            assertThat(reply.get("status").getAsString()).as(type).isNotEqualTo("error");
        }
        assertThat(reply(client, client.control, "interrupt_request", new JsonObject())
                        .get("status")
                        .getAsString())
                .isEqualTo("ok");
    }

    @Test
    void a_history_is_a_list_of_session_line_and_input() {
        execute("int a = 1;");
        execute("int b = 2;");
        JsonObject tail = content("hist_access_type", "tail", "n", 1, "raw", true, "output", false);
        assertThat(reply(client, client.shell, "history_request", tail)
                        .getAsJsonArray("history")
                        .toString())
                .isEqualTo("[[1,2,\"int b = 2;\"]]");
    }

    @Test
    void a_comm_nobody_listens_to_is_closed_again() {
        client.send(client.shell, "comm_open", content("comm_id", "abc", "target_name", "nobody", "data", ""));
        JsonObject open = content("comm_id", "def", "target_name", "nobody");
        open.add("data", new JsonObject());
        client.send(client.shell, "comm_open", open);
        Frames.Message closed = awaitPublished("comm_close", it -> it.type().equals("comm_close"));
        assertThat(closed.content().get("comm_id").getAsString()).isEqualTo("def");
        assertThat(reply(client, client.shell, "comm_info_request", new JsonObject())
                        .getAsJsonObject("comms")
                        .size())
                .isZero();
    }

    @Test
    void a_shutdown_is_answered_and_ends_the_process_by_itself() throws Exception {
        ProcessHandle handle = ProcessHandle.of(process.pid()).orElseThrow();
        JsonObject answer = reply(client, client.control, "shutdown_request", content("restart", true));
        assertThat(answer.get("restart").getAsBoolean()).isTrue();
        handle.onExit().get(30, TimeUnit.SECONDS);
        assertThat(process.died("ended")).hasMessageContaining("exit code 0");
    }

    @Test
    void a_restart_ends_what_the_cells_began() throws Exception {
        execute("Process child = new ProcessBuilder(\"sleep\", \"1000\").start();");
        JsonObject asked = content("code", "");
        JsonObject pid = new JsonObject();
        pid.addProperty("pid", "child.pid()");
        asked.add("user_expressions", pid);
        long child = Long.parseLong(reply(client, client.shell, "execute_request", asked)
                .getAsJsonObject("user_expressions")
                .getAsJsonObject("pid")
                .getAsJsonObject("data")
                .get("text/plain")
                .getAsString());
        Optional<ProcessHandle> orphan = ProcessHandle.of(child);
        assertThat(orphan).isPresent();
        reply(client, client.control, "shutdown_request", content("restart", true));
        orphan.get().onExit().get(30, TimeUnit.SECONDS);
    }

    @Test
    void what_native_code_writes_is_no_output_of_a_cell() {
        String id = client.send(
                client.shell,
                "execute_request",
                content(
                        "code",
                        "for (int i = 0; i < 1000; i++) new FileOutputStream(FileDescriptor.out).write(\"native\\n\".getBytes());\n\"done\""));
        assertThat(published(id))
                .extracting(Frames.Message::type)
                .containsExactly("status", "execute_input", "execute_result", "status");
        assertThat(process.lastLines()).contains("native");
    }
}
