package org.lens4j.hub;

/**
 * How to find a model.
 *
 * <pre>{@code
 * HubOptions options = HubOptions.defaults().withRevision("step1000").withOffline();
 * }</pre>
 *
 * @param settings what the environment says
 * @param revision which version of the model
 * @param offline whether the network is forbidden, on top of what the environment says
 * @param refresh whether to ask the hub for a newer version of what is in the cache
 * @param progress told how far downloads are
 */
public record HubOptions(HubSettings settings, Revision revision, boolean offline, boolean refresh, Progress progress) {
    /** The environment of this process, the main branch, what is in the cache first. */
    public static HubOptions defaults() {
        return of(HubSettings.fromEnvironment(System.getenv()));
    }

    /** Other settings than those of the environment, the main branch, what is in the cache first. */
    public static HubOptions of(HubSettings settings) {
        return new HubOptions(settings, Revision.MAIN, false, false, Progress.none());
    }

    /**
     * Another version.
     *
     * @param revision a branch, a tag or a commit
     * @throws org.lens4j.error.UsageException if it cannot be one
     */
    public HubOptions withRevision(String revision) {
        return new HubOptions(settings, new Revision(revision), offline, refresh, progress);
    }

    /** Without a single socket. */
    public HubOptions withOffline() {
        return new HubOptions(settings, revision, true, refresh, progress);
    }

    /** Asks the hub even for what is in the cache. */
    public HubOptions withRefresh() {
        return new HubOptions(settings, revision, offline, true, progress);
    }

    /** Tells how far downloads are. */
    public HubOptions withProgress(Progress progress) {
        return new HubOptions(settings, revision, offline, refresh, progress);
    }

    /** Whether no socket may be opened. */
    boolean isOffline() {
        return offline || settings.offlineBy().isPresent();
    }

    /** What to do to be online, the beginning of a sentence. */
    String howToGoOnline() {
        return settings.offlineBy().map(it -> "Unset " + it).orElse("Leave out the option offline");
    }
}
