package dev.caravan.tape.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/// What `MTIOCGET` tells (`struct mtget`, <linux/mtio.h>).
///
/// @param gstat the `GMT_…` bits
/// @param density the density code of the format, 0 where the drive gives none
/// @param file the number of the tape file; -1 when `st` does not know where the tape stands
record TapeState(long gstat, int density, int file) {
    static TapeState of(MemorySegment mtget) {
        long density = mtget.get(JAVA_LONG, TapeAbi.offset(TapeAbi.MTGET, "mt_dsreg"));
        return new TapeState(
                mtget.get(JAVA_LONG, TapeAbi.offset(TapeAbi.MTGET, "mt_gstat")),
                (int) (density >>> TapeAbi.MT_ST_DENSITY_SHIFT) & 0xFF,
                mtget.get(JAVA_INT, TapeAbi.offset(TapeAbi.MTGET, "mt_fileno")));
    }

    boolean ready() {
        return has(TapeAbi.GMT_ONLINE);
    }

    boolean has(long flag) {
        return (gstat & flag) != 0;
    }
}
