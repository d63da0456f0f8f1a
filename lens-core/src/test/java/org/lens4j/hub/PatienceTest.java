package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void a_server_names_its_time_in_seconds_or_by_date() {
        assertThat(Patience.duration("12", NOW)).contains(Duration.ofSeconds(12));
        assertThat(Patience.duration("Thu, 1 Jan 2026 00:00:30 GMT", NOW)).contains(Duration.ofSeconds(30));
        assertThat(Patience.duration("Wed, 31 Dec 2025 00:00:30 GMT", NOW)).contains(Duration.ZERO);
        assertThat(Patience.duration("soon", NOW)).isEmpty();
    }

    @Test
    void waits_double_and_end_unless_something_arrives() throws Exception {
        TestMachine machine = TestMachine.usual();
        Patience patience = new Patience(machine);
        IOException broken = new IOException("broken");
        for (int i = 1; i < Patience.MOST; i++) {
            patience.after(broken);
        }
        assertThat(machine.pauses())
                .containsExactly(
                        Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
        patience.forget();
        patience.after(broken);
        for (int i = 2; i < Patience.MOST; i++) {
            patience.after(broken);
        }
        assertThatThrownBy(() -> patience.after(broken)).isSameAs(broken);
    }
}
