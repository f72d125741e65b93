package dev.caravan.pipeline.check;

import dev.caravan.config.Finding;
import java.util.Arrays;
import java.util.List;

/// What Camel 4.18.0 gets wrong unless an option says otherwise: required and refused options of
/// the components that carry bytes. Confined.
final class SafeOptions {
    private static final List<String> SOUND =
            List.of(
                    "aes128-gcm@openssh.com",
                    "aes256-gcm@openssh.com",
                    "chacha20-poly1305@openssh.com",
                    "aes128-ctr",
                    "aes256-ctr");

    private final List<Finding> findings;

    SafeOptions(List<Finding> findings) {
        this.findings = findings;
    }

    void check(Endpoint endpoint) {
        switch (endpoint.scheme()) {
            case "file" -> {
                if (endpoint.from()) {
                    fileSource(endpoint);
                } else {
                    stored(endpoint);
                    refuse(endpoint, "forceWrites", "it does nothing: nothing is ever synced");
                    refuse(endpoint, "renameUsingCopy", "a copy is not a rename");
                    refuse(endpoint, "copyAndDeleteOnRenameFail", "a copy is not a rename");
                }
            }
            case "sftp" -> {
                if (!endpoint.from()) {
                    stored(endpoint);
                    sftp(endpoint);
                }
            }
            case "aws2-s3" -> {
                if (!endpoint.from()) {
                    s3(endpoint);
                }
            }
            default -> {}
        }
    }

    private void fileSource(Endpoint endpoint) {
        String unmounted = "an unmounted source would look like an empty one";
        require(endpoint, "autoCreate", "false", unmounted);
        require(endpoint, "startingDirectoryMustExist", "true", unmounted);
        require(endpoint, "directoryMustExist", "true", unmounted);
        require(
                endpoint,
                "idempotentEager",
                "false",
                "an error in a scan would skip files for ever");
        require(endpoint, "readLockMinLength", "0", "empty files would never be copied");
        require(endpoint, "readLockMarkerFile", "false", "it writes into the source");
        if ("fileLock".equals(endpoint.option("readLock"))) {
            error(endpoint, "readLock", "readLock=fileLock cuts files at 2 GiB (CAMEL-24089)");
        }
        require(
                endpoint,
                "idempotentKey",
                "${file:name}-${file:size}-${file:modified}",
                "changed files would never be copied again");
        if ("true".equals(endpoint.option("noop"))
                && endpoint.option("idempotentRepository") == null) {
            error(
                    endpoint,
                    "noop",
                    "noop needs an idempotentRepository that lasts: the default forgets after 1000"
                            + " files");
        }
    }

    /// What a written file must be, on a folder or on a server.
    private void stored(Endpoint endpoint) {
        require(
                endpoint,
                "autoCreate",
                "false",
                "what is not mounted would be made, and filled, on the wrong disk");
        require(endpoint, "fileExist", "Fail", "no copy is ever written over another");
        String name = endpoint.option("fileName");
        if (!endpoint.options().containsKey("fileName")) {
            error(endpoint, "fileName", "set fileName to ${" + Expressions.COPY_NAME + "}");
        } else if (name != null && !Expressions.isCopyName(name)) {
            error(
                    endpoint,
                    "fileName",
                    "fileName must be ${" + Expressions.COPY_NAME + "} and nothing else");
        }
        refuse(endpoint, "doneFileName", "it is not synced and proves nothing");
        refuse(endpoint, "tempFileName", "the ledger knows what is complete");
        refuse(endpoint, "tempPrefix", "the ledger knows what is complete");
        refuse(endpoint, "charset", "it changes the bytes");
        refuse(endpoint, "appendChars", "it changes the bytes");
        refuse(endpoint, "checksumFileAlgorithm", "it writes a second file beside each");
        refuse(endpoint, "moveExisting", "no copy is ever written over another");
        refuse(endpoint, "flatten", "the copy's name is used as it is");
        refuseValue(endpoint, "allowNullBody", "true", "a missing body would be an empty file");
        refuseValue(endpoint, "jailStartingDirectory", "false", "a name could leave the folder");
    }

    private void sftp(Endpoint endpoint) {
        require(endpoint, "strictHostKeyChecking", "yes", "anyone could stand for the server");
        require(
                endpoint,
                "useUserKnownHostsFile",
                "false",
                "only the host key in this home is to be trusted");
        if (endpoint.options().keySet().stream()
                .noneMatch(option -> option.startsWith("knownHosts"))) {
            error(
                    endpoint,
                    "knownHostsFile",
                    "set knownHostsFile: the server's host key is checked");
        }
        refuseValue(
                endpoint,
                "autoCreateKnownHostsFile",
                "true",
                "the first server to answer would be trusted");
        require(endpoint, "stepwise", "false", "it changes folder by folder");
        require(endpoint, "fastExistsCheck", "true", "every upload would list the whole folder");
        ciphers(endpoint);
        refuse(endpoint, "keyExchangeProtocols", "Camel 4.18.0 sets it for the whole program");
    }

    /// Camel 4.18.0 sets ciphers for the whole program, so one route decides for all: only those
    /// that every route may have.
    private void ciphers(Endpoint endpoint) {
        String ciphers = endpoint.option("ciphers");
        if (ciphers != null && !SOUND.containsAll(Arrays.asList(ciphers.split(",")))) {
            error(
                    endpoint,
                    "ciphers",
                    "ciphers '" + ciphers + "': want some of " + String.join(",", SOUND));
        }
    }

    private void s3(Endpoint endpoint) {
        require(
                endpoint,
                "amazonS3Client",
                "#caravan-s3",
                "only Caravan's own client sends checksums and locks");
        require(
                endpoint,
                "conditionalWritesEnabled",
                "true",
                "no copy is ever written over another");
        refuseValue(
                endpoint,
                "streamingUploadMode",
                "true",
                "it cuts objects and loses parts (CAMEL-24153)");
        refuseValue(
                endpoint,
                "autoCreateBucket",
                "true",
                "a mistyped bucket would be made, without its lock and versions");
        refuseValue(endpoint, "trustAllCertificates", "true", "anyone could stand for the server");
        refuseValue(endpoint, "deleteAfterWrite", "true", "it deletes what it was given");
        refuse(endpoint, "operation", "a copy route only puts");
        refuse(endpoint, "keyName", "set the header CamelAwsS3Key to the copy's name");
    }

    private void require(Endpoint endpoint, String option, String value, String why) {
        Endpoint.Option set = endpoint.options().get(option);
        if (set == null || (set.complete() && !set.text().equals(value))) {
            error(
                    endpoint,
                    option,
                    endpoint.scheme() + ": needs " + option + "=" + value + ": " + why);
        }
    }

    private void refuse(Endpoint endpoint, String option, String why) {
        if (endpoint.options().containsKey(option)) {
            error(endpoint, option, endpoint.scheme() + ": must not set " + option + ": " + why);
        }
    }

    private void refuseValue(Endpoint endpoint, String option, String value, String why) {
        if (value.equals(endpoint.option(option))) {
            error(
                    endpoint,
                    option,
                    endpoint.scheme() + ": must not set " + option + "=" + value + ": " + why);
        }
    }

    private void error(Endpoint endpoint, String option, String what) {
        findings.add(Finding.error(endpoint.file(), endpoint.lineOf(option), what));
    }
}
