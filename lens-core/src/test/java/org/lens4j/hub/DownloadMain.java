package org.lens4j.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Downloads one model in a process of its own: endpoint, cache, model. */
final class DownloadMain {
    private DownloadMain() {}

    public static void main(String[] args) {
        HubSettings settings = new HubSettings(
                URI.create(args[0]), Path.of(args[1]), Optional.empty(), Optional.empty(), Duration.ofSeconds(30));
        System.out.println(ModelFiles.locate(args[2], HubOptions.of(settings)).weights());
    }
}
