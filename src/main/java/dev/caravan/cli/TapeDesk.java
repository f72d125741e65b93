package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.pool.OperatorRequests;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/// The tape library of a home as the `tape` commands use it, beside a service too: they take no
/// lock of the home, and a drive in use refuses.
final class TapeDesk {
    private TapeDesk() {}

    /// @return nothing if the library is a virtual one that the first backup will make
    static Optional<LibraryControl> find(Settings.Tape tape) throws IOException {
        return tape.virtual() && !Files.exists(tape.library().resolve("library.json"))
                ? Optional.empty()
                : Optional.of(TapeLibrary.open(TargetParts.place(tape)).control());
    }

    /// @throws CommandException with exit code 1 if there is none yet
    static LibraryControl require(HomeOption home) throws IOException {
        return find(OpenHome.of(home).settings().tape())
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.INCOMPLETE,
                                "no tape library yet: the first backup makes it"));
    }

    /// What a person is to do with cartridges now. A file that cannot be read is no reason to fail
    /// a report.
    static List<Request> requests(Settings settings) {
        try {
            return OperatorRequests.open(settings.tape().library());
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
