package dev.caravan.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.IVersionProvider;

/// Which program this is: named in every evidence.
final class Program implements IVersionProvider {

    /// Name and version, such as `caravan 0.1.0`.
    static String nameAndVersion() {
        String version = Program.class.getPackage().getImplementationVersion();
        return "caravan " + (version == null ? "development" : version);
    }

    /// Changes with every build: what an earlier build found good is looked at again.
    static String buildStamp() {
        try {
            var code = Program.class.getProtectionDomain().getCodeSource();
            Path jar = code == null ? null : Path.of(code.getLocation().toURI());
            return jar == null
                    ? nameAndVersion()
                    : Files.getLastModifiedTime(jar) + " " + Files.size(jar);
        } catch (IOException | URISyntaxException unknown) {
            return nameAndVersion();
        }
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            nameAndVersion(), "Java " + Runtime.version(), "Apache Camel 4.18.0 LTS"
        };
    }
}
