package dev.caravan.pipeline;

/** What a `caravan-drill:` endpoint does. */
public enum DrillOperation {
    due,
    restore
}
