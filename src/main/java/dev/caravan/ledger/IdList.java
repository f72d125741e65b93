package dev.caravan.ledger;

/// Ids as a JSON array, which is how SQLite takes a list as one value: `json_each(?)`. Confined.
final class IdList {
    private final StringBuilder text = new StringBuilder("[");

    void add(long id) {
        if (text.length() > 1) {
            text.append(',');
        }
        text.append(id);
    }

    boolean isEmpty() {
        return text.length() == 1;
    }

    @Override
    public String toString() {
        return text + "]";
    }
}
