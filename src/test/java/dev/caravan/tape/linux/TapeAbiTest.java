package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.StructLayout;
import org.junit.jupiter.api.Test;

/// The figures on the right were printed by a C program that includes `<linux/mtio.h>` and
/// `<scsi/sg.h>`, on x86-64.
class TapeAbiTest {
    @Test
    void structsLieInMemoryAsTheKernelHasThem() {
        assertThat(TapeAbi.MTOP.byteSize()).isEqualTo(8);
        assertThat(TapeAbi.offset(TapeAbi.MTOP, "mt_count")).isEqualTo(4);
        assertThat(TapeAbi.MTPOS.byteSize()).isEqualTo(8);
        assertThat(TapeAbi.MTGET.byteSize()).isEqualTo(48);
        StructLayout mtget = TapeAbi.MTGET;
        assertThat(TapeAbi.offset(mtget, "mt_resid")).isEqualTo(8);
        assertThat(TapeAbi.offset(mtget, "mt_dsreg")).isEqualTo(16);
        assertThat(TapeAbi.offset(mtget, "mt_gstat")).isEqualTo(24);
        assertThat(TapeAbi.offset(mtget, "mt_erreg")).isEqualTo(32);
        assertThat(TapeAbi.offset(mtget, "mt_fileno")).isEqualTo(40);
        assertThat(TapeAbi.offset(mtget, "mt_blkno")).isEqualTo(44);
        StructLayout header = TapeAbi.SG_IO_HDR;
        assertThat(header.byteSize()).isEqualTo(88);
        assertThat(TapeAbi.offset(header, "dxfer_direction")).isEqualTo(4);
        assertThat(TapeAbi.offset(header, "cmd_len")).isEqualTo(8);
        assertThat(TapeAbi.offset(header, "mx_sb_len")).isEqualTo(9);
        assertThat(TapeAbi.offset(header, "dxfer_len")).isEqualTo(12);
        assertThat(TapeAbi.offset(header, "dxferp")).isEqualTo(16);
        assertThat(TapeAbi.offset(header, "cmdp")).isEqualTo(24);
        assertThat(TapeAbi.offset(header, "sbp")).isEqualTo(32);
        assertThat(TapeAbi.offset(header, "timeout")).isEqualTo(40);
        assertThat(TapeAbi.offset(header, "status")).isEqualTo(64);
        assertThat(TapeAbi.offset(header, "sb_len_wr")).isEqualTo(67);
        assertThat(TapeAbi.offset(header, "host_status")).isEqualTo(68);
        assertThat(TapeAbi.offset(header, "resid")).isEqualTo(72);
    }
}
