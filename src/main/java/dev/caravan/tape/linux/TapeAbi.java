package dev.caravan.tape.linux;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/// Constants and structs of the kernel for tape, with the header each one is from. They are the
/// same on x86-64 and aarch64, which is why only these two are served: `_IOC` of other processors
/// has other bits.
final class TapeAbi {
    private TapeAbi() {}

    // <asm-generic/fcntl.h>, the same on both
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;

    /// The device numbers of `st`, <linux/major.h>: the minor has this bit where a close does not
    /// rewind (<linux/mtio.h>, `drivers/scsi/st.h`).
    static final int SCSI_TAPE_MAJOR = 9;

    static final int NO_REWIND_MINOR = 0x80;

    // <linux/mtio.h>: the requests; they do not fit a signed int
    static final long MTIOCTOP = 0x40086d01L;
    static final long MTIOCGET = 0x80306d02L;
    static final long MTIOCPOS = 0x80086d03L;

    // <linux/mtio.h>: the operations of MTIOCTOP
    static final int MTFSF = 1;
    static final int MTWEOF = 5;
    static final int MTREW = 6;
    static final int MTOFFL = 7;
    static final int MTEOM = 12;
    static final int MTSETBLK = 20;
    static final int MTSEEK = 22;
    static final int MTSETDRVBUFFER = 24;

    // <linux/mtio.h>: the argument of MTSETDRVBUFFER
    static final int MT_ST_SETBOOLEANS = 0x30000000;
    static final int MT_ST_CLEARBOOLEANS = 0x40000000;
    static final int MT_ST_TWO_FM = 0x10;
    static final int MT_ST_SCSI2LOGICAL = 0x800;
    static final int MT_ST_NOWAIT = 0x2000;
    static final int MT_ST_SILI = 0x4000;
    static final int MT_ST_NOWAIT_EOF = 0x8000;

    // <linux/mtio.h>: mt_gstat and mt_dsreg
    static final long GMT_EOF = 0x80000000L;
    static final long GMT_EOT = 0x20000000L;
    static final long GMT_EOD = 0x08000000L;
    static final long GMT_WR_PROT = 0x04000000L;
    static final long GMT_ONLINE = 0x01000000L;
    static final long GMT_DR_OPEN = 0x00040000L;
    static final int MT_ST_DENSITY_SHIFT = 24;

    /// `struct mtop`.
    static final StructLayout MTOP =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_SHORT.withName("mt_op"),
                    MemoryLayout.paddingLayout(2),
                    ValueLayout.JAVA_INT.withName("mt_count"));

    /// `struct mtget`.
    static final StructLayout MTGET =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("mt_type"),
                    ValueLayout.JAVA_LONG.withName("mt_resid"),
                    ValueLayout.JAVA_LONG.withName("mt_dsreg"),
                    ValueLayout.JAVA_LONG.withName("mt_gstat"),
                    ValueLayout.JAVA_LONG.withName("mt_erreg"),
                    ValueLayout.JAVA_INT.withName("mt_fileno"),
                    ValueLayout.JAVA_INT.withName("mt_blkno"));

    /// `struct mtpos`.
    static final StructLayout MTPOS =
            MemoryLayout.structLayout(ValueLayout.JAVA_LONG.withName("mt_blkno"));

    // <scsi/sg.h>
    static final long SG_IO = 0x2285;
    static final int SG_DXFER_NONE = -1;
    static final int SG_DXFER_TO_DEV = -2;
    static final int SG_DXFER_FROM_DEV = -3;

    /// `struct sg_io_hdr`.
    static final StructLayout SG_IO_HDR =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("interface_id"),
                    ValueLayout.JAVA_INT.withName("dxfer_direction"),
                    ValueLayout.JAVA_BYTE.withName("cmd_len"),
                    ValueLayout.JAVA_BYTE.withName("mx_sb_len"),
                    ValueLayout.JAVA_SHORT.withName("iovec_count"),
                    ValueLayout.JAVA_INT.withName("dxfer_len"),
                    ValueLayout.ADDRESS.withName("dxferp"),
                    ValueLayout.ADDRESS.withName("cmdp"),
                    ValueLayout.ADDRESS.withName("sbp"),
                    ValueLayout.JAVA_INT.withName("timeout"),
                    ValueLayout.JAVA_INT.withName("flags"),
                    ValueLayout.JAVA_INT.withName("pack_id"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.ADDRESS.withName("usr_ptr"),
                    ValueLayout.JAVA_BYTE.withName("status"),
                    ValueLayout.JAVA_BYTE.withName("masked_status"),
                    ValueLayout.JAVA_BYTE.withName("msg_status"),
                    ValueLayout.JAVA_BYTE.withName("sb_len_wr"),
                    ValueLayout.JAVA_SHORT.withName("host_status"),
                    ValueLayout.JAVA_SHORT.withName("driver_status"),
                    ValueLayout.JAVA_INT.withName("resid"),
                    ValueLayout.JAVA_INT.withName("duration"),
                    ValueLayout.JAVA_INT.withName("info"),
                    MemoryLayout.paddingLayout(4));

    static final int SENSE_BYTES = 252;

    static long offset(StructLayout struct, String field) {
        return struct.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
