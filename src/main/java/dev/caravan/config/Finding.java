package dev.caravan.config;

import java.nio.file.Path;

/// One thing that is wrong with the configuration or a route. Immutable.
///
/// @param line counted from 1; 0 = the file as a whole
/// @param what one line: what was found, and what to do
public record Finding(Path file, int line, Severity severity, String what) {
    /// Whether the start must be refused.
    public enum Severity {
        ERROR,
        /// Something that the settings name is not there now, which is no mistake in them: the
        /// start goes on, and what needs it waits.
        FAULT,
        WARNING
    }

    public static Finding error(Path file, int line, String what) {
        return new Finding(file, line, Severity.ERROR, what);
    }

    public static Finding fault(Path file, int line, String what) {
        return new Finding(file, line, Severity.FAULT, what);
    }

    public static Finding warning(Path file, int line, String what) {
        return new Finding(file, line, Severity.WARNING, what);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /// The same, with the file named as it is seen from `root` if it lies below it.
    public Finding seenFrom(Path root) {
        return file.startsWith(root)
                ? new Finding(root.relativize(file), line, severity, what)
                : this;
    }

    /// `config/caravan.properties:12: unknown key 'caravan.nas.dri': did you mean …?`
    @Override
    public String toString() {
        return file
                + (line > 0 ? ":" + line : "")
                + ": "
                + (severity == Severity.WARNING ? "warning: " : "")
                + what;
    }
}
