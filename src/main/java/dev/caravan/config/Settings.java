package dev.caravan.config;

import dev.caravan.item.DataSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the operator of a home set, typed and complete. Immutable.
///
/// @param nas empty where no NAS folder is set
/// @param offsite empty where neither a host nor the embedded server is set
/// @param s3 empty where no bucket is set
/// @param policy what holds for sources that have nothing of their own
/// @param sites where sites are, as far as it is said
/// @param retention which old versions are kept
/// @param encryption by the name of the target, the keys its copies are encrypted for; one that is
///   missing keeps them plain
/// @param ledgerCopy how old the last exported snapshot of the ledger is before there is another;
///   empty = never
/// @param allowedComponents Camel components that the operator's own routes may use
/// @param properties what `{{…}}` in a route stands for: all keys with their defaults, paths
///   absolute, and the operator's own
public record Settings(
        Home home,
        List<Source> sources,
        Schedule schedule,
        Drill drill,
        Optional<Nas> nas,
        Tape tape,
        Optional<Offsite> offsite,
        Optional<S3> s3,
        Policy policy,
        Map<String, Coordinates> sites,
        Scrub scrub,
        Retention retention,
        Map<String, List<String>> encryption,
        Optional<Duration> ledgerCopy,
        Set<String> allowedComponents,
        Map<String, String> properties) {

    /// What is protected.
    ///
    /// @param include globs over paths as seen from the root; empty = everything
    /// @param sentinel what is in the root whenever it is mounted, as seen from there
    /// @param patience how long a folder is waited for before it is said not to answer
    public record Source(
            String name,
            Root root,
            List<String> include,
            List<String> exclude,
            Optional<String> sentinel,
            Duration patience,
            String site,
            Commands commands,
            Policy policy) {

        /// Its folder, if it lies on this machine.
        public Optional<Path> folder() {
            return root instanceof Root.Folder(Path dir) ? Optional.of(dir) : Optional.empty();
        }
    }

    /// Where a source lies.
    public sealed interface Root {
        /// As it is written down and shown: a path or a URL, without secrets.
        String shown();

        /// Whether a source is written as the URL of a server, and not as a path.
        ///
        /// @throws IllegalArgumentException if it is one of a form that is not known, in one line
        static boolean isUrl(String written) {
            boolean url = RootUrl.isUrl(written);
            if (url) {
                RootUrl.check(written);
            }
            return url;
        }

        /// A folder of this machine.
        record Folder(Path dir) implements Root {
            @Override
            public String shown() {
                return dir.toString();
            }
        }

        /// A folder on an SFTP server.
        ///
        /// @param dir absolute, or as seen from the login folder, which is empty
        record SftpFolder(String host, int port, String user, String dir, Path key, Path knownHosts)
                implements Root {
            @Override
            public String shown() {
                return "sftp://%s@%s%s%s"
                        .formatted(
                                user,
                                host,
                                port == 22 ? "" : ":" + port,
                                dir.startsWith("/") ? dir : dir.isEmpty() ? "/~" : "/~/" + dir);
            }
        }

        /// The objects in a bucket, or those of them whose keys begin with a prefix.
        ///
        /// @param prefix empty, or ending in `/`
        /// @param region empty where only an endpoint is set
        /// @param endpoint empty for Amazon's own
        /// @param credentials empty for the default chain of Amazon's SDK
        record Bucket(
                String bucket,
                String prefix,
                String region,
                Optional<URI> endpoint,
                Optional<Path> credentials)
                implements Root {
            @Override
            public String shown() {
                return prefix.isEmpty()
                        ? "s3://" + bucket
                        : "s3://%s/%s".formatted(bucket, prefix.substring(0, prefix.length() - 1));
            }
        }
    }

    /// What is run around a scan of a source, each a program by its path and its arguments.
    ///
    /// @param before empty if nothing has to be made before a scan
    /// @param after empty if nothing has to be undone
    /// @param timeout how long each may take
    /// @param hold how long what `before` made may stay, even if it is still needed
    public record Commands(
            List<String> before, List<String> after, Duration timeout, Duration hold) {

        /// Whether there is neither.
        public boolean isEmpty() {
            return before.isEmpty() && after.isEmpty();
        }
    }

    /// What every item of a source must have reached. 0 errors are always asked for.
    ///
    /// @param offline copies that are offline or immutable
    /// @param verified by media kind, as it is written, the greatest age of the last proof of a
    ///   copy; one that is missing is asked for none
    /// @param kilometres to the site of an offsite copy, at least
    public record Policy(
            int copies,
            int mediaKinds,
            int offsite,
            int offline,
            Map<String, Duration> verified,
            long kilometres) {}

    /// A place on Earth, in degrees.
    public record Coordinates(double latitude, double longitude) {}

    /// When the service drills, and how much of each target.
    public record Drill(Schedule schedule, Sample sample) {}

    /// @param patience how long it may take for a step before it is said not to answer
    public record Nas(Path dir, String site, Duration patience, boolean simulated) {}

    /// The tape library: a virtual one where no drives are named.
    ///
    /// @param library the folder of its inventory, and of virtual cartridges
    /// @param drives the devices of real drives
    /// @param changer the device of the changer that loads them; else a person does
    /// @param shelf barcodes of cartridges that a person may be asked for
    /// @param cartridges how many a virtual library has
    /// @param capacity of each virtual cartridge
    public record Tape(
            String pool,
            Path library,
            List<String> drives,
            Optional<String> changer,
            List<String> shelf,
            int cartridges,
            DataSize capacity,
            DataSize segment,
            String site,
            boolean simulated,
            Pools pools) {
        public boolean virtual() {
            return drives.isEmpty();
        }
    }

    /// How its media pools take and give back cartridges.
    ///
    /// @param allocation when a new media set begins, as `tape.pool.Allocation` reads it
    /// @param supply patterns of the barcodes that may be taken
    /// @param retention when a volume may be recycled; empty = never
    public record Pools(String allocation, List<String> supply, Optional<Duration> retention) {}

    /// The SFTP server at another site.
    ///
    /// @param port 0 = any free one, which only the embedded server may have
    /// @param dir as seen from the login folder
    public record Offsite(
            String host,
            int port,
            String user,
            String dir,
            Path key,
            Path knownHosts,
            String site,
            boolean embedded,
            boolean simulated) {}

    /// When and how much the service verifies by itself.
    ///
    /// @param bytes of each target in one run
    public record Scrub(Schedule schedule, DataSize bytes) {}

    /// How many old versions are kept.
    ///
    /// @param keep by the name of the target; one that is missing keeps everything
    /// @param grace how long the data of a retired copy stays
    public record Retention(Map<String, Keep> keep, Duration grace) {}

    /// Which versions of an item are kept on a target: 0 where nothing is said. At least one number
    /// is above 0.
    public record Keep(int last, int daily, int weekly, int monthly, int yearly) {}

    /// A bucket on Amazon S3 or a server that speaks its protocol.
    ///
    /// @param region empty where only an endpoint is set
    /// @param endpoint empty for Amazon's own
    /// @param prefix of every key; empty, or ending in `/`
    /// @param credentials empty for the default chain of Amazon's SDK
    /// @param lock `none`, `governance` or `compliance`
    /// @param lockPeriod how long an object is locked from when it is written
    /// @param encryption `default`, `s3`, `kms` or `kms:KEY`
    /// @param thaw how fast cold objects are brought back: `bulk`, `standard` or `expedited`
    public record S3(
            String bucket,
            String region,
            Optional<URI> endpoint,
            String prefix,
            Optional<Path> credentials,
            String lock,
            Duration lockPeriod,
            Optional<String> storageClass,
            String encryption,
            String thaw,
            String site,
            boolean simulated) {}

    /// What reading the configuration came to.
    public sealed interface Reading {
        /// All is well.
        ///
        /// @param warnings what a person should look at all the same
        record Ok(Settings settings, List<Finding> warnings) implements Reading {}

        /// The start must be refused.
        ///
        /// @param findings all that is wrong, warnings included, in the order of the file
        record Refused(List<Finding> findings) implements Reading {}
    }

    /// Reads a home's configuration, and the environment that overrides it.
    public static Reading read(Home home) {
        return read(home, System.getenv());
    }

    /// Reads what is written, whether the folders and key files it names are there or not: for
    /// commands that only look at what the home has. A restore is what one does when a source is
    /// lost.
    public static Reading readAsWritten(Home home) {
        return readAsWritten(home, System.getenv());
    }

    /// Reads the configuration as it would be with one more source in its file.
    public static Reading readWith(Home home, String name, Path dir) {
        return new SettingsReader(home, System.getenv()).readWith(name, dir);
    }

    static Reading readAsWritten(Home home, Map<String, String> environment) {
        return new SettingsReader(home, environment).read(false);
    }

    static Reading read(Home home, Map<String, String> environment) {
        return new SettingsReader(home, environment).read(true);
    }
}
