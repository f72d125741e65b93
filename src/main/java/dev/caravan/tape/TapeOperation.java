package dev.caravan.tape;

/** What a tape endpoint does with an exchange; the names are the option's values. */
public enum TapeOperation {
    /** Write the body as one tape file. */
    write,
    /** Replace the body by the bytes of one tape file. */
    fetch,
    /** Replace the body by the list of all cartridges. */
    inventory
}
