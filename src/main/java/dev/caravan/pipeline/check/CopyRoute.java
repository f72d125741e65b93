package dev.caravan.pipeline.check;

import dev.caravan.config.Limits;
import dev.caravan.ledger.MediaKind;
import java.nio.file.Path;

/// A route that carries wanted copies to one target, and what it declares of that target.
/// Immutable.
///
/// @param proof the rule by which its copies are proven: `nas`, `tape`, `sftp`, `s3`, or `readback`
///   for an endpoint of any other kind
/// @param simulated whether the target only stands for real media
public record CopyRoute(
        String target,
        MediaKind mediaKind,
        String site,
        String proof,
        boolean simulated,
        Limits limits,
        Path file) {}
