package dev.caravan.cli;

import picocli.CommandLine.IVersionProvider;

/// Which program this is: named in every evidence.
final class Program implements IVersionProvider {

    /// Name and version, such as `caravan 0.1.0`.
    static String nameAndVersion() {
        String version = Program.class.getPackage().getImplementationVersion();
        return "caravan " + (version == null ? "development" : version);
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            nameAndVersion(), "Java " + Runtime.version(), "Apache Camel 4.18.0 LTS"
        };
    }
}
