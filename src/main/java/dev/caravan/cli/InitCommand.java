package dev.caravan.cli;

import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.target.EmbeddedSftpServer;
import dev.caravan.target.NasLayout;
import dev.caravan.target.SftpAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan init`: a home of one's own.
@Command(
        name = "init",
        description = "Make a home: commented settings, the routes, and the NAS folder's sentinel.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:the home is made", "2:wrong usage, or there is a home already"})
final class InitCommand implements Callable<Integer> {
    private static final Pattern SERVER =
            Pattern.compile("(?:([^@]+)@)?([^:/@]+)(?::(\\d+))?(?:/(.+))?");

    @Mixin private HomeOption home;

    @Option(
            names = "--source",
            required = true,
            paramLabel = "FOLDER",
            description =
                    "What to protect; may be given several times: a folder,"
                            + " sftp://USER@HOST/PATH or s3://BUCKET/PREFIX.")
    private List<String> sources;

    @Option(
            names = "--nas",
            required = true,
            paramLabel = "DIR",
            description = "The folder on the mounted NAS. Its sentinel is written now.")
    private Path nas;

    @Option(
            names = "--offsite",
            paramLabel = "USER@HOST[:PORT][/DIR]",
            description =
                    "The offsite SFTP server, or 'embedded' for a simulated one inside Caravan.")
    private @Nullable String offsite;

    @Option(
            names = "--offsite-key",
            paramLabel = "FILE",
            description =
                    "Private key for the offsite server, or 'agent' for the keys of the SSH agent.")
    private @Nullable Path offsiteKey;

    @Option(
            names = "--known-hosts",
            paramLabel = "FILE",
            description = "Known hosts file with the offsite server's pinned host key.")
    private @Nullable Path knownHosts;

    @Option(
            names = "--tape-library",
            paramLabel = "DIR",
            description =
                    "Where the virtual tape library is, or the inventory of a real one (default:"
                            + " data/tapes in the home).")
    private @Nullable Path tapeLibrary;

    @Option(
            names = "--tape-drive",
            paramLabel = "DEVICE",
            description =
                    "A real tape drive, best as /dev/tape/by-id/...-nst; may be given several"
                            + " times.")
    private List<Path> tapeDrives = new ArrayList<>();

    @Option(
            names = "--tape-changer",
            paramLabel = "DEVICE",
            description =
                    "The changer that loads the drives. Without it you are asked to load them.")
    private @Nullable Path tapeChanger;

    @Option(
            names = "--tape-cartridge",
            paramLabel = "BARCODE",
            split = ",",
            description =
                    "A blank cartridge that you may be asked for, where there is no changer; may"
                            + " be given several times.")
    private List<String> tapeCartridges = new ArrayList<>();

    @Mixin private S3Options s3;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Home made = home.home();
        HomeFiles.requireNone(made); // before anything of it is touched
        List<HomeFiles.Setting> settings = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> remote = new ArrayList<>();
        for (String source : sources) {
            boolean url = isUrl(source);
            Path folder = url ? Path.of(source) : folder(Path.of(source));
            String name = SourceName.of(folder, names);
            names.add(name);
            if (url) {
                remote.add(name);
            }
            settings.add(
                    new HomeFiles.Setting(
                            "caravan.source." + name + ".dir", url ? source : folder.toString()));
        }
        settings.add(
                new HomeFiles.Setting(
                        "caravan.nas.dir", nas.toAbsolutePath().normalize().toString()));
        if (tapeLibrary != null) {
            settings.add(
                    new HomeFiles.Setting(
                            "caravan.tape.library",
                            tapeLibrary.toAbsolutePath().normalize().toString()));
        }
        addTape(settings);
        requireMounted(made, nas.toAbsolutePath().normalize());
        addOffsite(made, settings);
        settings.addAll(s3.settings());
        HomeFiles.create(made, settings, aside());
        NasLayout.create(nas.toAbsolutePath().normalize());
        tell(made, remote);
        return ExitCode.OK;
    }

    private static boolean isUrl(String source) {
        try {
            return Settings.Root.isUrl(source);
        } catch (IllegalArgumentException malformed) {
            throw new CommandException(ExitCode.USAGE, "--source " + malformed.getMessage());
        }
    }

    /// The routes that serve nothing here.
    private Set<String> aside() {
        Set<String> aside = new HashSet<>();
        if (!s3.given()) {
            aside.add(HomeFiles.S3_ROUTE);
        }
        if (offsite == null && System.getenv("CARAVAN_OFFSITE_HOST") == null) {
            aside.add(HomeFiles.OFFSITE_ROUTE);
        }
        return aside;
    }

    /// Devices may be off now, and are not looked at: `caravan check` does.
    private void addTape(List<HomeFiles.Setting> settings) {
        if (tapeDrives.isEmpty() && (tapeChanger != null || !tapeCartridges.isEmpty())) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--tape-changer and --tape-cartridge need --tape-drive: name the drives");
        }
        if (tapeDrives.isEmpty()) {
            return;
        }
        settings.add(
                new HomeFiles.Setting(
                        "caravan.tape.drives",
                        tapeDrives.stream()
                                .map(drive -> drive.toAbsolutePath().normalize().toString())
                                .collect(Collectors.joining(","))));
        if (tapeChanger != null) {
            settings.add(
                    new HomeFiles.Setting(
                            "caravan.tape.changer",
                            tapeChanger.toAbsolutePath().normalize().toString()));
        }
        if (!tapeCartridges.isEmpty()) {
            for (String barcode : tapeCartridges) {
                TapeArgument.barcode("--tape-cartridge", barcode);
            }
            settings.add(
                    new HomeFiles.Setting("caravan.tape.shelf", String.join(",", tapeCartridges)));
        }
    }

    static Path folder(Path given) throws IOException {
        if (given.toString().isEmpty() || !Files.isDirectory(given)) {
            throw new CommandException(
                    ExitCode.USAGE, "source '" + given + "' is no folder: name an existing one");
        }
        return given.toRealPath();
    }

    /// A folder of its own may be made on the NAS or in the home, never the place where the NAS is
    /// mounted.
    private static void requireMounted(Home made, Path nas) {
        Path parent = nas.getParent();
        if (parent != null && !parent.startsWith(made.root()) && !Files.isDirectory(parent)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--nas '%s': no such folder '%s': is it mounted?".formatted(nas, parent));
        }
    }

    private void addOffsite(Home made, List<HomeFiles.Setting> settings) throws IOException {
        if (offsite == null) {
            return;
        }
        if (offsite.equals("embedded")) {
            settings.addAll(embedded(made));
            return;
        }
        Matcher server = SERVER.matcher(offsite);
        if (!server.matches()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--offsite '%s': want USER@HOST[:PORT][/DIR] or 'embedded'".formatted(offsite));
        }
        set(settings, "user", server.group(1));
        set(settings, "host", server.group(2));
        set(settings, "port", server.group(3));
        set(settings, "dir", server.group(4));
        set(settings, "key", SftpAddress.AGENT.equals(offsiteKey) ? "agent" : absolute(offsiteKey));
        set(settings, "known-hosts", absolute(knownHosts));
        if (server.group(2).equals("localhost") || server.group(2).startsWith("127.")) {
            set(settings, "simulated", "true"); // this machine is no other site
        }
    }

    private static @Nullable String absolute(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath().normalize().toString();
    }

    private static void set(List<HomeFiles.Setting> settings, String word, @Nullable String value) {
        if (value != null) {
            settings.add(new HomeFiles.Setting("caravan.offsite." + word, value));
        }
    }

    /// Keys, a free port and the settings of the embedded offsite server.
    static List<HomeFiles.Setting> embedded(Home home) throws IOException {
        HomeFiles.makeData(home);
        int port = EmbeddedSftpServer.freePort();
        EmbeddedSftpServer.createKeys(home.keys(), port);
        Files.createDirectories(home.data().resolve("offsite"));
        return List.of(
                new HomeFiles.Setting("caravan.offsite.embedded", "true"),
                new HomeFiles.Setting("caravan.offsite.simulated", "true"),
                new HomeFiles.Setting("caravan.offsite.host", "127.0.0.1"),
                new HomeFiles.Setting("caravan.offsite.port", Integer.toString(port)),
                new HomeFiles.Setting(
                        "caravan.offsite.key", "data/keys/" + EmbeddedSftpServer.CLIENT_KEY),
                new HomeFiles.Setting(
                        "caravan.offsite.known-hosts",
                        "data/keys/" + EmbeddedSftpServer.KNOWN_HOSTS));
    }

    /// From the environment, as a container has it.
    private static boolean hasOffsite(Home made) {
        return Settings.readAsWritten(made)
                        instanceof Settings.Reading.Ok(Settings settings, List<Finding> _)
                && settings.offsite().isPresent();
    }

    /// @param remote the names of sources on servers
    private void tell(Home made, List<String> remote) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made the home " + made.root());
        if (offsite == null && !s3.given() && !hasOffsite(made)) {
            out.println(
                    "Still missing: the offsite copy. Set caravan.offsite.* in %s, and move %s from routes/optional to routes"
                            .formatted(made.config(), HomeFiles.OFFSITE_ROUTE));
        }
        for (String name : remote) {
            out.println(
                    "Still missing: how to log in to source '%1$s'. Set caravan.source.%1$s.* in %2$s"
                            .formatted(name, made.config()));
        }
        if (!tapeDrives.isEmpty() && tapeChanger == null && tapeCartridges.isEmpty()) {
            out.println(
                    "Still missing: the names of your cartridges, which no changer tells. Set caravan.tape.shelf in "
                            + made.config());
        }
        out.println("Next:");
        out.println("  caravan check --home " + made.root());
        out.println("  caravan backup --home " + made.root());
    }
}
