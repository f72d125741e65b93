package dev.caravan.cli;

import dev.caravan.tape.changer.Barcode;

/// Arguments of the commands that have to do with cartridges.
final class TapeArgument {
    private TapeArgument() {}

    /// @throws CommandException with exit code 2 if it is no barcode
    static Barcode barcode(String argument, String text) {
        return Barcode.ofReader(text)
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.USAGE,
                                "%s '%s': want a barcode of 6 to 16 of A-Z 0-9"
                                        .formatted(argument, Words.shown(text))));
    }
}
