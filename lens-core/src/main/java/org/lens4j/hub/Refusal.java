package org.lens4j.hub;

import java.net.http.HttpResponse;
import org.lens4j.error.HubException;

/**
 * An answer that is no file.
 *
 * @param settings whose hub
 * @param id the model that was asked for
 * @param revision the version that was asked for
 * @param answer what the hub said
 */
record Refusal(HubSettings settings, ModelId id, String revision, HttpResponse<?> answer) {
    /**
     * Whether the model is there and lacks only this file. A hub that gives no reason is believed about every file but
     * config.json, which all models have.
     */
    boolean isFileOnly(String file) {
        return answer.statusCode() == 404
                && (code().equals("EntryNotFound")
                        || (code().isEmpty()
                                && (!file.equals(Checkpoints.CONFIG)
                                        || answer.headers()
                                                .firstValue("X-Repo-Commit")
                                                .isPresent())));
    }

    /** What to tell the user. */
    HubException exception() {
        return new HubException(message());
    }

    private String code() {
        return answer.headers().firstValue("X-Error-Code").orElse("");
    }

    private String message() {
        String hub = settings.endpoint().toString();
        int status = answer.statusCode();
        boolean hasToken = settings.token().isPresent();
        if (code().equals("GatedRepo")) {
            return "%s is gated on %s, and %s. Accept its terms at %s/%s, then load again%s."
                    .formatted(
                            id,
                            hub,
                            hasToken ? "the token given may not read it" : "no token was given",
                            hub,
                            id,
                            hasToken ? "" : " with HF_TOKEN set");
        }
        if (code().equals("RevisionNotFound")) {
            return "%s has no revision \"%s\" on %s. Look at its branches there, or leave the revision out for main."
                    .formatted(id, revision, hub);
        }
        if (code().equals("RepoNotFound") || status == 404) {
            return "No model \"%s\" on %s, or it is private and %s. Check the spelling, upper and lower case included%s."
                    .formatted(
                            id,
                            hub,
                            hasToken ? "the token given may not see it" : "no token was given",
                            hasToken ? "" : "; for a private model set HF_TOKEN");
        }
        if (status == 401) {
            return hasToken
                    ? "%s refused the token it was given for %s (401). Make a new one at %s/settings/tokens and set HF_TOKEN to it."
                            .formatted(hub, id, hub)
                    : "No model \"%s\" on %s, or it is private (401). Check the spelling; for a private model set HF_TOKEN."
                            .formatted(id, hub);
        }
        if (status == 403) {
            return "%s does not let %s read %s (403). Ask for access at %s/%s%s."
                    .formatted(
                            hub,
                            hasToken ? "this token" : "anybody without a token",
                            id,
                            hub,
                            id,
                            hasToken ? "" : ", and set HF_TOKEN");
        }
        return "%s answered %d for %s. Check HF_ENDPOINT, or pass a directory.".formatted(hub, status, id);
    }
}
