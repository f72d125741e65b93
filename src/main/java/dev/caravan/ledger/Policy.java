package dev.caravan.ledger;

/// How many copies an item must have reached; the original is one of them.
public record Policy(int copies, int mediaKinds, int offsite) {
    /// The 3-2-1 rule.
    public static final Policy THREE_TWO_ONE = new Policy(3, 2, 1);

    public boolean isMetBy(Counts.Reached reached) {
        return reached.copies() >= copies
                && reached.mediaKinds() >= mediaKinds
                && reached.offsite() >= offsite;
    }
}
