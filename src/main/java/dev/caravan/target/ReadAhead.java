package dev.caravan.target;

/// How many reads are asked for ahead: a few at first, and twice as many whenever more than an
/// eighth of the time went into waiting for answers. So a long read over a long line is fast, and
/// where the reader is what is slow no answers pile up in memory. Confined to one thread.
final class ReadAhead {
    private final int most;
    private int reads;
    private int left;
    private long began;
    private long waited;

    /// @param first how many to begin with, 1 to `most`
    /// @param now in nanoseconds of any clock that goes on evenly
    ReadAhead(int first, int most, long now) {
        this.most = most;
        this.reads = first;
        begin(now);
    }

    private void begin(long now) {
        left = reads;
        began = now;
        waited = 0;
    }

    int reads() {
        return reads;
    }

    /// An answer came.
    ///
    /// @param asked when the reader began to wait for it
    /// @param now when it was there
    void answered(long asked, long now) {
        waited += now - asked;
        if (--left == 0) {
            if (8 * waited > now - began) {
                reads = Math.min(2 * reads, most);
            }
            begin(now);
        }
    }
}
