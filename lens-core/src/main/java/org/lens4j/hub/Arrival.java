package org.lens4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Writes the body of an answer to a file as it arrives: at its end if the server resumes, from nothing if it does not. */
final class Arrival implements BodySubscriber<Void> {
    private final PartFile part;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private Optional<Flow.Subscription> subscription = Optional.empty();

    private Arrival(PartFile part) {
        this.part = part;
    }

    /**
     * Takes the bytes of 200 and 206, and drops the body of every other answer.
     *
     * @param part where the bytes go
     */
    static BodyHandler<Void> into(PartFile part) {
        return answer -> {
            try {
                boolean wanted = answer.statusCode() == 200 || answer.statusCode() == 206;
                if (wanted && !continues(answer, part.size())) {
                    part.restart();
                }
                boolean elsewhere = answer.statusCode() == 206 && !continues(answer, part.size());
                if (elsewhere) {
                    throw new IOException("the server sent another part of the file than was asked for");
                }
                return wanted ? new Arrival(part) : BodySubscribers.discarding();
            } catch (IOException e) {
                Arrival failed = new Arrival(part);
                failed.finished.completeExceptionally(e);
                return failed;
            }
        };
    }

    private static boolean continues(ResponseInfo answer, long size) {
        boolean fromTheStart = size == 0 && answer.statusCode() == 200;
        return fromTheStart
                || answer.headers()
                        .firstValue("Content-Range")
                        .filter(it -> it.startsWith("bytes " + size + "-"))
                        .isPresent();
    }

    @Override
    public CompletionStage<Void> getBody() {
        return finished;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = Optional.of(subscription);
        if (finished.isDone()) {
            subscription.cancel();
        } else {
            subscription.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        try {
            for (ByteBuffer buffer : buffers) {
                part.append(buffer);
            }
            subscription.ifPresent(it -> it.request(1));
        } catch (IOException e) {
            subscription.ifPresent(Flow.Subscription::cancel);
            finished.completeExceptionally(e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        finished.completeExceptionally(failure);
    }

    @Override
    @SuppressWarnings("NullAway") // a completed Void has no other value
    public void onComplete() {
        finished.complete(null);
    }
}
