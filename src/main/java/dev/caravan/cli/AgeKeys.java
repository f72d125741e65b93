package dev.caravan.cli;

import dev.caravan.age.AgeIdentity;
import dev.caravan.age.AgeRecipient;
import dev.caravan.audit.SmallFile;
import dev.caravan.config.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The keys of a home, for what is encrypted on its targets: `NAME.key` holds an identity,
/// `NAME.pub` a recipient, both as `age` reads them. Where only the recipient is, somebody else has
/// the identity: what is encrypted for it can be written here, and not read. Whoever changes them
/// holds the lock of the home.
final class AgeKeys {
    private static final String IDENTITY = ".key";
    private static final String RECIPIENT = ".pub";
    private static final String CREATED = "# created: ";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final Clock clock;

    AgeKeys(Home home) {
        this(home, Clock.systemUTC());
    }

    AgeKeys(Home home, Clock clock) {
        this.folder = home.keys().resolve("age");
        this.clock = clock;
    }

    /// One of them.
    ///
    /// @param hasIdentity whether what is encrypted for it can be read here
    record Key(String name, AgeRecipient recipient, boolean hasIdentity, Instant made) {
        String kind() {
            return hasIdentity ? "identity" : "recipient only";
        }
    }

    /// All of them, by name.
    ///
    /// @throws IOException if one cannot be read, or an identity is not for its owner only
    List<Key> all() throws IOException {
        List<Key> keys = new ArrayList<>();
        for (String name : names()) {
            keys.add(read(name));
        }
        return List.copyOf(keys);
    }

    Optional<Key> find(String name) throws IOException {
        return names().contains(name) ? Optional.of(read(name)) : Optional.empty();
    }

    /// All identities of this home, those that were rotated too: to open what is there.
    List<AgeIdentity> identities() throws IOException {
        List<AgeIdentity> identities = new ArrayList<>();
        for (String name : names()) {
            if (Files.exists(file(name, IDENTITY))) {
                identities.addAll(identitiesIn(file(name, IDENTITY)));
            }
        }
        return List.copyOf(identities);
    }

    /// The recipients of these keys, in this order: to seal for them.
    List<AgeRecipient> recipients(List<String> names) throws IOException {
        List<AgeRecipient> recipients = new ArrayList<>();
        for (String name : names) {
            recipients.add(read(name).recipient());
        }
        return List.copyOf(recipients);
    }

    private Set<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(IDENTITY) || name.endsWith(RECIPIENT))
                    .forEach(name -> names.add(name.substring(0, name.lastIndexOf('.'))));
        }
        return names;
    }

    /// An identity has its recipient in it: the other file is for the day it is taken away.
    private Key read(String name) throws IOException {
        Path file = file(name, IDENTITY);
        if (Files.exists(file)) {
            AgeRecipient recipient = identitiesIn(file).getFirst().recipient();
            return new Key(name, recipient, true, made(file));
        }
        file = file(name, RECIPIENT);
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                try {
                    return new Key(name, AgeRecipient.parse(line.strip()), false, made(file));
                } catch (IllegalArgumentException e) {
                    throw new IOException(
                            "recipient file '%s': %s".formatted(file, e.getMessage()), e);
                }
            }
        }
        throw new IOException("recipient file '%s' has no recipient in it".formatted(file));
    }

    /// The identities in a file, wherever it is.
    ///
    /// @throws IOException if it can not be read, or is not for its owner only
    static List<AgeIdentity> identitiesIn(Path file) throws IOException {
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(
                    "identity file '%s' can be used by others: chmod 600 it".formatted(file));
        }
        return AgeIdentity.readAll(file);
    }

    private static Instant made(Path file) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(CREATED)) {
                try {
                    return Instant.parse(line.substring(CREATED.length()).strip());
                } catch (DateTimeParseException edited) {
                    break;
                }
            }
        }
        return Files.getLastModifiedTime(file).toInstant();
    }

    /// Makes an identity, in place of the one of this name.
    Key generate(String name) throws IOException {
        AgeIdentity identity = AgeIdentity.generate();
        Instant now = clock.instant();
        // Where there is an identity it is what counts: so half of this is the old key or the new.
        write(name, IDENTITY, identity.file(now));
        write(name, RECIPIENT, recipientText(identity.recipient(), now));
        return read(name);
    }

    /// Makes an identity and keeps only its recipient, in place of the key of this name.
    ///
    /// @param elsewhere the file that gets the identity; there must be none yet
    Key escrow(String name, Path elsewhere) throws IOException {
        AgeIdentity identity = AgeIdentity.generate();
        byte[] text = identity.file(clock.instant()).getBytes(StandardCharsets.UTF_8);
        SmallFile.create(elsewhere, text, SmallFile.PRIVATE);
        return add(name, identity.recipient());
    }

    /// Takes a recipient whose identity somebody else has, in place of the key of this name.
    Key add(String name, AgeRecipient recipient) throws IOException {
        write(name, RECIPIENT, recipientText(recipient, clock.instant()));
        // Last: a key that is only half replaced is the old one.
        Files.deleteIfExists(file(name, IDENTITY));
        return read(name);
    }

    /// Keeps a key under a second name, the first that is free of `NAME-1`, `NAME-2` …
    ///
    /// @return that name
    String keepAside(String name) throws IOException {
        Set<String> taken = names();
        int number = 1;
        while (taken.contains(name + "-" + number)) {
            number++;
        }
        String aside = name + "-" + number;
        for (String suffix : List.of(IDENTITY, RECIPIENT)) {
            if (Files.exists(file(name, suffix))) {
                write(aside, suffix, Files.readString(file(name, suffix)));
            }
        }
        return aside;
    }

    /// Where the identity of this name is.
    Path identityFile(String name) {
        return file(name, IDENTITY);
    }

    private void write(String name, String suffix, String text) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        SmallFile.write(
                file(name, suffix),
                text.getBytes(StandardCharsets.UTF_8),
                suffix.equals(IDENTITY) ? SmallFile.PRIVATE : SmallFile.READABLE);
    }

    private static String recipientText(AgeRecipient recipient, Instant made) {
        return CREATED + made.truncatedTo(ChronoUnit.SECONDS) + "\n" + recipient + "\n";
    }

    private Path file(String name, String suffix) {
        return folder.resolve(name + suffix);
    }
}
