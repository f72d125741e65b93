package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A path as a person typed it: taken literally first, then with `\xNN` for the byte NN.
///
/// @param readings what it may mean, in that order
record PathArgument(List<ItemPath> readings) {

    /// @throws CommandException with exit code 2 if it can be the path of no item
    static PathArgument of(String typed) {
        byte[] bytes = Arguments.bytes(typed);
        Set<ItemPath> readings = new LinkedHashSet<>();
        try {
            readings.add(ItemPath.ofTyped(bytes));
            readings.add(ItemPath.ofTyped(ItemPath.unescape(bytes)));
        } catch (IllegalArgumentException noItem) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(noItem.getMessage()), noItem);
        }
        return new PathArgument(List.copyOf(readings));
    }
}
