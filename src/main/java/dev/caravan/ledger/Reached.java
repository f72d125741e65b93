package dev.caravan.ledger;

/// What one item has reached: the five numbers of 3-2-1-1-0. The worse comes first.
///
/// @param copies media that do not fail together and each have all of it; the original is one
/// @param offline copies that are offline or immutable
/// @param errors copies that are suspect, or counted with a proof that is too old
public record Reached(int copies, int mediaKinds, int offsite, int offline, int errors)
        implements Comparable<Reached> {

    @Override
    public int compareTo(Reached that) {
        int order = Integer.compare(copies, that.copies);
        order = order != 0 ? order : Integer.compare(mediaKinds, that.mediaKinds);
        order = order != 0 ? order : Integer.compare(offsite, that.offsite);
        order = order != 0 ? order : Integer.compare(offline, that.offline);
        return order != 0 ? order : Integer.compare(that.errors, errors);
    }
}
