package dev.caravan.cli;

/// How a command ends, for scripts.
final class ExitCode {
    /// Done, and everything is in policy.
    static final int OK = 0;

    /// Done, but something failed, was skipped against its will, or is below policy.
    static final int INCOMPLETE = 1;

    /// Wrong usage.
    static final int USAGE = 2;

    /// The configuration or a route is wrong (EX_CONFIG of sysexits(3)).
    static final int CONFIGURATION = 78;

    private ExitCode() {}
}
