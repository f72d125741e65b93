package dev.caravan.cli;

import picocli.CommandLine.Option;

/// `--json`, on every command that reports.
final class JsonOption {
    @Option(names = "--json", description = "Print JSON, for scripts.")
    boolean wanted;
}
