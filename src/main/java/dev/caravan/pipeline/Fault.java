package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.target.JschFailures;
import dev.caravan.target.TargetException;
import java.nio.file.AccessDeniedException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whose fault a failed exchange is: it decides what becomes of the copies it carried.
sealed interface Fault {

    /// As Camel's HTTP components say it.
    Pattern NOT_LET_IN = Pattern.compile("statusCode: (401|403|407)\\b");

    /// The bytes of this one item can not be had.
    record OfItem(ContentUnavailableException why) implements Fault {}

    /// The target can not take copies; nothing is held against the items.
    record OfTarget(TargetException.Remedy remedy, String message) implements Fault {}

    /// What failed, told from the load itself and the chain of causes. An endpoint's own exceptions
    /// are the target's fault: with the names and the bytes Caravan makes, no item is special to
    /// it.
    static Fault of(Load load, @Nullable Throwable thrown) {
        Optional<ContentUnavailableException> unreadable = load.unreadable();
        if (unreadable.isPresent()) {
            return new OfItem(unreadable.get());
        }
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ContentUnavailableException content) {
                return new OfItem(content);
            }
            if (cause instanceof TargetException target) {
                return new OfTarget(target.remedy(), message(target));
            }
        }
        return new OfTarget(
                remedy(thrown),
                thrown == null ? "failed" : chain(thrown) + JschFailures.hint(thrown));
    }

    /// What is to be done about a failure that an endpoint told. JSch and HTTP tell it only by
    /// text.
    static TargetException.Remedy remedy(@Nullable Throwable thrown) {
        String chain = thrown == null ? "" : chain(thrown);
        boolean person =
                chain.contains("HostKey")
                        || chain.contains(JschFailures.NO_LOGIN)
                        || chain.contains("Auth cancel")
                        || NOT_LET_IN.matcher(chain).find();
        return person ? TargetException.Remedy.PERSON : TargetException.Remedy.WAIT;
    }

    /// The messages of a chain of causes in one line, each said once.
    static String chain(Throwable thrown) {
        StringBuilder line = new StringBuilder();
        String last = "";
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = message(cause);
            if (!last.contains(message)) {
                line.append(line.isEmpty() ? "" : ": ").append(message);
                last = message;
            }
        }
        return line.toString();
    }

    private static String message(Throwable thrown) {
        String text = thrown.getMessage();
        if (thrown instanceof AccessDeniedException) { // its message is the path alone
            text += ": Permission denied";
        }
        String said = text == null || text.isBlank() ? thrown.getClass().getSimpleName() : text;
        return said.lines().findFirst().orElse(said).strip();
    }
}
