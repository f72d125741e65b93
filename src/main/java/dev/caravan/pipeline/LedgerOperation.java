package dev.caravan.pipeline;

/** What a `ledger:` endpoint does. */
public enum LedgerOperation {
    register,
    wanted,
    record,
    fail,
    scrub,
    verify,
    retention,
    forget
}
