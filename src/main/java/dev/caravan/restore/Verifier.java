package dev.caravan.restore;

import dev.caravan.ledger.DueCopies;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Target;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Proves the copies of targets again, the oldest proof first: a copy found good counts from then
/// on with new evidence, one that is not is out of the count in the same transaction. A target that
/// can not be reached says nothing of its copies. Confined to one thread.
public final class Verifier {
    private final Ledger ledger;
    private final String program;
    private final Medium.Media media;
    private final Listener listener;

    /// @param program name and version, for evidence
    public Verifier(Ledger ledger, String program, Medium.Media media, Listener listener) {
        this.ledger = ledger;
        this.program = program;
        this.media = media;
        this.listener = listener;
    }

    /// Hears how far it is.
    @FunctionalInterface
    public interface Listener {
        /// @param what is read now
        /// @param doneBytes of `allBytes`, about
        void at(String target, String what, long doneBytes, long allBytes);
    }

    /// How copies are to be verified.
    ///
    /// @param atLeast [Evidence.Level#V2] if a hash that the target says is enough, else V3
    /// @param mostBytes enough with so many
    /// @param overdue copies proven before this are read beyond `mostBytes` too
    public record Request(
            DueCopies.Scope scope, Evidence.Level atLeast, long mostBytes, Instant overdue) {}

    /// Verifies the copies of one target.
    public Verified verify(Target target, Request request) {
        Verified.Tally tally = new Verified.Tally(target.name());
        try (Medium medium = media.of(target.name())) {
            Round round = new Round(ledger, target, request, program, listener, tally);
            switch (medium) {
                case Medium.Nas(var reader) -> new NasRound(round, reader).run();
                case Medium.Server(var reader, var decryption) ->
                        new ServerRound(round, reader, decryption).run();
                case Medium.Tapes(var cartridges, var decryption) ->
                        new TapeRound(round, cartridges, decryption).run();
            }
        } catch (IOException failed) {
            tally.trouble = String.valueOf(failed.getMessage());
        }
        return tally.sum();
    }

    /// What the rounds over the kinds of media share.
    record Round(
            Ledger ledger,
            Target target,
            Request request,
            String program,
            Listener listener,
            Verified.Tally tally) {

        Evidence evidence(
                String method, Evidence.Level level, long bytesRead, @Nullable String place) {
            return new Evidence(
                    method, level, ledger.verifications().now(), program, bytesRead, place);
        }

        /// Whether an object is still within the budget.
        boolean takes(long bytesBefore, @Nullable Instant proven) {
            return bytesBefore < request.mostBytes()
                    || proven != null && proven.isBefore(request.overdue());
        }
    }
}
