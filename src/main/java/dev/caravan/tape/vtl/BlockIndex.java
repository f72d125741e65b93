package dev.caravan.tape.vtl;

import java.util.ArrayList;
import java.util.List;

/// Where each block of an image lies: runs of blocks of one length, so that a cartridge of
/// terabytes takes kilobytes. A length of 0 is a filemark. Confined to one thread.
final class BlockIndex {
    static final int FILEMARK = 0;

    /// `count` blocks of `length` bytes each; the first is block `block` and begins at `offset`.
    record Run(long block, long offset, int length, long count) {
        long endBlock() {
            return block + count;
        }

        long endOffset() {
            return offset + count * framed(length);
        }
    }

    private final List<Run> runs = new ArrayList<>();

    /// The bytes a block takes in the image, its framing included.
    static long framed(int length) {
        return length == FILEMARK ? 4 : 8L + length + (length & 1);
    }

    long blocks() {
        return runs.isEmpty() ? 0 : runs.getLast().endBlock();
    }

    long endOffset() {
        return runs.isEmpty() ? 0 : runs.getLast().endOffset();
    }

    void add(int length, long count) {
        if (!runs.isEmpty() && runs.getLast().length() == length) {
            Run last = runs.removeLast();
            runs.add(new Run(last.block(), last.offset(), length, last.count() + count));
        } else {
            runs.add(new Run(blocks(), endOffset(), length, count));
        }
    }

    int length(long block) {
        return runs.get(runOf(block)).length();
    }

    long offset(long block) {
        if (block == blocks()) {
            return endOffset();
        }
        Run run = runs.get(runOf(block));
        return run.offset() + (block - run.block()) * framed(run.length());
    }

    /// The block behind the `count`th filemark from `block` on, or -1 when there are fewer.
    long behindFilemarks(long block, int count) {
        if (block == blocks()) {
            return -1;
        }
        long wanted = count;
        for (int i = runOf(block); i < runs.size(); i++) {
            Run run = runs.get(i);
            if (run.length() == FILEMARK) {
                long from = Math.max(block, run.block());
                if (run.endBlock() - from >= wanted) {
                    return from + wanted;
                }
                wanted -= run.endBlock() - from;
            }
        }
        return -1;
    }

    void truncate(long block) {
        while (!runs.isEmpty() && runs.getLast().block() >= block) {
            runs.removeLast();
        }
        if (!runs.isEmpty() && runs.getLast().endBlock() > block) {
            Run last = runs.removeLast();
            runs.add(new Run(last.block(), last.offset(), last.length(), block - last.block()));
        }
    }

    List<Run> runs() {
        return List.copyOf(runs);
    }

    private int runOf(long block) {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = runs.get(middle);
            if (block < run.block()) {
                high = middle - 1;
            } else if (block >= run.endBlock()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        throw new IndexOutOfBoundsException("block " + block + " of " + blocks());
    }
}
