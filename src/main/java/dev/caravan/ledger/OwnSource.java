package dev.caravan.ledger;

/// The source that a home has of its own: the exported heads and snapshots of its ledger. Routes
/// carry it like any other; it is none of the user's items and counts among them nowhere.
public final class OwnSource {
    /// Its name, which no source in the settings may have.
    public static final String NAME = "caravan-ledger";

    /// Its id in SQL; null before the first export.
    static final String ID = "(SELECT id FROM source WHERE name = '" + NAME + "')";

    /// The ids of its versions, in SQL.
    static final String VERSIONS =
            "(SELECT v.id FROM item i JOIN version v ON v.item_id = i.id WHERE i.source_id = "
                    + ID
                    + ")";

    /// What is kept of its old versions wherever any retention is set, whatever that keeps: a
    /// snapshot is as large as the ledger, and an old head shows that nobody wrote the log anew.
    static final Keep KEEP = new Keep(3, 0, 0, 12, 10);

    private OwnSource() {}
}
