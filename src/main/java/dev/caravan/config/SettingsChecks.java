package dev.caravan.config;

import dev.caravan.config.SettingsReader.Given;
import dev.caravan.item.DataSize;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What must hold between values, and between values and the machine. Confined to one thread.
final class SettingsChecks {
    private static final Pattern SECRET = Pattern.compile("(?i)password|passphrase|secret|token");

    private final Home home;
    private final Map<String, Given> given;
    private final Map<String, String> values;
    private final List<Settings.Source> sources;
    private final List<Finding> findings;

    SettingsChecks(
            Home home,
            Map<String, Given> given,
            Map<String, String> values,
            List<Settings.Source> sources,
            List<Finding> findings) {
        this.home = home;
        this.given = given;
        this.values = values;
        this.sources = sources;
        this.findings = findings;
    }

    /// @param outside whether folders and key files must be there, each on a disk that it may be on
    void run(Path shown, boolean outside) {
        if (given.keySet().stream().noneMatch(key -> Keys.sourceOf(key) != null)
                && Files.exists(home.config())) {
            findings.add(
                    Finding.error(
                            shown,
                            0,
                            "no source: set caravan.source.<name>.dir to a folder to protect"));
        }
        if (outside) {
            sources.forEach(this::source);
        }
        overlaps();
        new RemoteSourceChecks(sources, given, values, this::error, this::warning).run(outside);
        tape();
        offsite(outside);
        s3(outside);
        if (outside) {
            sites();
        }
        secrets(shown);
    }

    private void source(Settings.Source source) {
        String key = Keys.ofSource(source.name(), "dir");
        new CommandChecks(source, home.config(), this::error, this::warning).run();
        if (source.folder().isEmpty()) {
            return;
        }
        Path dir = source.folder().get();
        Optional<Optional<String>> asked = Asked.about(dir, () -> wrongWith(source, dir));
        if (asked.isEmpty()) {
            fault(key, "'" + dir + "' does not answer: is the server of this folder there?");
        } else {
            asked.get().ifPresent(wrong -> error(key, wrong));
        }
    }

    private static Optional<String> wrongWith(Settings.Source source, Path dir) {
        if (!Files.exists(dir)) {
            return source.commands().before().isEmpty()
                    ? Optional.of("no such folder: '" + dir + "'")
                    : Optional.empty(); // it comes with what the command makes
        }
        if (!Files.isDirectory(dir)) {
            return Optional.of("'" + dir + "' is not a folder");
        }
        try {
            Asked.list(dir);
            return Optional.empty();
        } catch (AccessDeniedException denied) {
            return Optional.of("'" + dir + "' may not be read by this user");
        } catch (IOException failed) {
            return Optional.of("'" + dir + "' can not be listed: " + Asked.reason(failed));
        }
    }

    private void overlaps() {
        Map<String, Place> targets = new LinkedHashMap<>();
        for (String key : List.of(Keys.NAS_DIR, Keys.TAPE_LIBRARY)) {
            String dir = values.get(key);
            if (dir != null) {
                targets.put(key, Place.of(Path.of(dir)));
            }
        }
        Place homePlace = Place.of(home.root());
        List<Settings.Source> folders =
                sources.stream().filter(source -> source.folder().isPresent()).toList();
        for (int i = 0; i < folders.size(); i++) {
            Settings.Source source = folders.get(i);
            Place place = Place.of(source.folder().orElseThrow());
            String key = Keys.ofSource(source.name(), "dir");
            for (Settings.Source earlier : folders.subList(0, i)) {
                twoSources(key, place, earlier);
            }
            if (place.isSameAs(homePlace) || place.isInside(homePlace)) {
                error(key, "is in the home itself, which is never protected");
                continue;
            }
            targets.forEach((target, at) -> {
                if (place.isSameAs(at)) {
                    error(target, "is the same folder as " + key);
                } else if (place.isInside(at)) {
                    error(key, "is inside " + target + ": copies would be copied");
                } else if (at.isInside(place) && !at.isInside(homePlace)) {
                    warning(target, "is inside " + key + ": it is left out of what is protected");
                }
            });
        }
        Place nas = targets.get(Keys.NAS_DIR);
        Place tape = targets.get(Keys.TAPE_LIBRARY);
        if (nas != null
                && tape != null
                && (nas.isSameAs(tape) || nas.isInside(tape) || tape.isInside(nas))) {
            error(Keys.NAS_DIR, "and " + Keys.TAPE_LIBRARY + " are one place: two copies in one");
        }
        if (nas != null && nas.isSameAs(homePlace)) {
            error(Keys.NAS_DIR, "is the home itself: give it a folder of its own");
        }
    }

    private void twoSources(String key, Place place, Settings.Source earlier) {
        Place other = Place.of(earlier.folder().orElseThrow());
        String otherKey = Keys.ofSource(earlier.name(), "dir");
        if (place.isSameAs(other)) {
            error(key, "is the same folder as " + otherKey);
        } else if (place.isInside(other)) {
            warning(key, "is inside " + otherKey + ": it is protected twice");
        } else if (other.isInside(place)) {
            warning(otherKey, "is inside " + key + ": it is protected twice");
        }
    }

    private void tape() {
        if (Form.list(value(Keys.TAPE_DRIVES)).isEmpty()) {
            virtualTape();
        } else {
            realTape();
        }
    }

    private void virtualTape() {
        String segment = values.get(Keys.TAPE_SEGMENT);
        String capacity = values.get(Keys.TAPE_CAPACITY);
        if (segment != null
                && capacity != null
                && DataSize.parse(segment).bytes() > DataSize.parse(capacity).bytes() / 2) {
            error(
                    given.containsKey(Keys.TAPE_SEGMENT) ? Keys.TAPE_SEGMENT : Keys.TAPE_CAPACITY,
                    "a cartridge of " + capacity + " must hold two segments of " + segment);
        }
        if ("supply".equals(values.get(Keys.TAPE_POOL))) {
            error(Keys.TAPE_POOL, "'supply' is the pool of blank cartridges, which holds no data");
        }
        if ("false".equals(values.get(Keys.TAPE_SIMULATED))) {
            error(Keys.TAPE_SIMULATED, "a virtual tape library is always simulated");
        }
        for (String key : List.of(Keys.TAPE_CHANGER, Keys.TAPE_SHELF)) {
            if (given.containsKey(key)) {
                error(key, "needs " + Keys.TAPE_DRIVES + " too: without drives all is virtual");
            }
        }
    }

    private void realTape() {
        for (String key : List.of(Keys.TAPE_CARTRIDGES, Keys.TAPE_CAPACITY)) {
            if (given.containsKey(key)) {
                warning(
                        key,
                        "is for a virtual library and not used: "
                                + Keys.TAPE_DRIVES
                                + " names real drives");
            }
        }
        if (values.containsKey(Keys.TAPE_CHANGER) && given.containsKey(Keys.TAPE_SHELF)) {
            warning(Keys.TAPE_SHELF, "is not used: the changer tells which cartridges there are");
        }
    }

    private void offsite(boolean outside) {
        boolean embedded = is(Keys.OFFSITE_EMBEDDED);
        String host = values.getOrDefault(Keys.OFFSITE_HOST, "");
        if (embedded && !is(Keys.OFFSITE_SIMULATED)) {
            error(Keys.OFFSITE_SIMULATED, "the embedded server is always simulated");
        }
        if (embedded && !host.equals("127.0.0.1") && given.containsKey(Keys.OFFSITE_HOST)) {
            error(Keys.OFFSITE_HOST, "the embedded server is at 127.0.0.1: leave the host out");
        }
        if (!embedded && "0".equals(values.get(Keys.OFFSITE_PORT))) {
            error(Keys.OFFSITE_PORT, "'0': want a port from 1 to 65535");
        }
        if (embedded || host.isEmpty()) {
            return;
        }
        if (outside) {
            if (!value(Keys.OFFSITE_KEY).equals(Form.AGENT)) {
                mustExist(
                        Keys.OFFSITE_KEY,
                        Keys.OFFSITE_HOST,
                        "make one with ssh-keygen -t ed25519 -N ''");
            }
            mustExist(
                    Keys.OFFSITE_KNOWN_HOSTS,
                    Keys.OFFSITE_HOST,
                    "fill it with ssh-keyscan, and compare the key");
        }
        if ((host.equals("localhost") || host.startsWith("127."))
                && !is(Keys.OFFSITE_SIMULATED)
                && sources.stream().noneMatch(s -> s.site().equals(value(Keys.OFFSITE_SITE)))) {
            error(
                    Keys.OFFSITE_HOST,
                    "'"
                            + host
                            + "' is this machine and cannot be at site '"
                            + value(Keys.OFFSITE_SITE)
                            + "': set caravan.offsite.simulated=true if it stands for it");
        }
    }

    /// @param needing the key that was written, where the other one has a default
    private void mustExist(String key, String needing, String todo) {
        String path = values.get(key);
        if (path != null && !Files.isRegularFile(Path.of(path))) {
            // the default was not written by anyone: what needs it was
            Given at = given.getOrDefault(key, given.get(needing));
            if (at != null) {
                findings.add(
                        Finding.error(
                                at.file(),
                                at.line(),
                                key + ": no such file: '" + path + "': " + todo));
            }
        }
    }

    private void s3(boolean outside) {
        if (!values.containsKey(Keys.S3_BUCKET)) {
            return;
        }
        String endpoint = values.getOrDefault(Keys.S3_ENDPOINT, "");
        if (endpoint.isEmpty() && !given.containsKey(Keys.S3_REGION)) {
            error(Keys.S3_BUCKET, "needs caravan.s3.region too");
        }
        if (!endpoint.isEmpty()) {
            endpoint(URI.create(endpoint));
        }
        String file = values.get(Keys.S3_CREDENTIALS);
        if (outside && file != null) {
            mustExist(
                    Keys.S3_CREDENTIALS,
                    Keys.S3_BUCKET,
                    "want a file with [default], aws_access_key_id and aws_secret_access_key");
        }
    }

    private void endpoint(URI endpoint) {
        String host = String.valueOf(endpoint.getHost());
        boolean here = host.equals("localhost") || host.startsWith("127.");
        if ("http".equals(endpoint.getScheme()) && !here) {
            warning(
                    Keys.S3_ENDPOINT,
                    "http: who listens on the way reads what is copied: use https");
        }
        if (here
                && !is(Keys.S3_SIMULATED)
                && sources.stream().noneMatch(s -> s.site().equals(value(Keys.S3_SITE)))) {
            error(
                    Keys.S3_ENDPOINT,
                    "'%s' is this machine and cannot be at site '%s': set caravan.s3.simulated=true if it stands for it"
                            .formatted(host, value(Keys.S3_SITE)));
        }
    }

    /// A NAS folder on a source's own disk is neither at another site nor safe from its loss.
    private void sites() {
        String dir = values.get(Keys.NAS_DIR);
        if (dir == null || is(Keys.NAS_SIMULATED)) {
            return;
        }
        Optional<Object> device = Place.device(Path.of(dir));
        for (Settings.Source source : sources) {
            if (device.isEmpty()
                    || source.folder().isEmpty()
                    || !device.equals(Place.device(source.folder().get()))) {
                continue;
            }
            if (source.site().equals(values.get(Keys.NAS_SITE))) {
                warning(
                        Keys.NAS_DIR,
                        "is on the same disk as source '"
                                + source.name()
                                + "' and is lost with it: set caravan.nas.simulated=true if it"
                                + " stands for a NAS");
            } else {
                error(
                        Keys.NAS_DIR,
                        "is on the same disk as source '"
                                + source.name()
                                + "' and cannot be at"
                                + " site '"
                                + values.get(Keys.NAS_SITE)
                                + "'");
            }
        }
    }

    private void secrets(Path shown) {
        secretFile(shown, Keys.OFFSITE_KEY, Keys.OFFSITE_HOST);
        secretFile(shown, Keys.S3_CREDENTIALS, Keys.S3_BUCKET);
        for (Settings.Source source : sources) {
            String dir = Keys.ofSource(source.name(), "dir");
            secretFile(shown, Keys.ofSource(source.name(), "key"), dir);
            secretFile(shown, Keys.ofSource(source.name(), "credentials"), dir);
        }
        given.forEach((name, at) -> {
            if (at.file().equals(shown)
                    && !at.value().isEmpty()
                    && SECRET.matcher(name).find()
                    && isOpenToOthers(home.config())) {
                findings.add(
                        Finding.warning(
                                shown,
                                at.line(),
                                name + ": this file can be read by others: chmod 600 it"));
            }
        });
    }

    private void secretFile(Path shown, String key, String needing) {
        String file = values.get(key);
        if (file != null && !file.equals(Form.AGENT) && isOpenToOthers(Path.of(file))) {
            Given at = given.getOrDefault(key, given.get(needing));
            findings.add(
                    Finding.warning(
                            at == null ? shown : at.file(),
                            at == null ? 0 : at.line(),
                            key + ": '" + file + "' can be read by others: chmod 600 it"));
        }
    }

    private static boolean isOpenToOthers(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.GROUP_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException notThereOrNotPosix) {
            return false;
        }
    }

    private boolean is(String key) {
        return Boolean.parseBoolean(values.get(key));
    }

    private String value(String key) {
        return values.getOrDefault(key, "");
    }

    private void error(String key, String what) {
        Given at = at(key);
        findings.add(Finding.error(at.file(), at.line(), key + ": " + what));
    }

    private void fault(String key, String what) {
        Given at = at(key);
        findings.add(Finding.fault(at.file(), at.line(), key + ": " + what));
    }

    private void warning(String key, String what) {
        Given at = at(key);
        findings.add(Finding.warning(at.file(), at.line(), key + ": " + what));
    }

    /// Where a key was set; a default is nowhere in the file.
    private Given at(String key) {
        return given.getOrDefault(key, new Given("", home.root().relativize(home.config()), 0));
    }
}
