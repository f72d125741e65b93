package dev.caravan.it;

import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpSite;
import java.nio.file.Files;
import java.nio.file.Path;

/// A home, not yet backed up, whose offsite is an OpenSSH server behind a line that can be cut.
///
/// @param offsite the folder that is the target's on the server
record CutSite(Site site, SftpSite server, CuttingLine line, Path offsite)
        implements AutoCloseable {

    static CutSite create() throws Exception {
        Site site = Site.create();
        Path offsite = Files.createDirectories(site.root.resolve("served/offsite"));
        SftpSite server =
                SftpSite.openSsh(Files.createDirectory(site.root.resolve("keys")), offsite);
        CuttingLine line = new CuttingLine(server.port());
        SftpAddress address = server.address();
        Path known =
                Files.writeString(
                        site.root.resolve("known"),
                        Files.readString(address.knownHosts())
                                .replace("]:" + server.port(), "]:" + line.port()));
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=%s@127.0.0.1:%d/offsite".formatted(address.user(), line.port()),
                        "--offsite-key=" + address.privateKey(),
                        "--known-hosts=" + known)
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        return new CutSite(site, server, line, offsite);
    }

    @Override
    public void close() throws Exception {
        line.close();
        server.close();
        site.close();
    }
}
