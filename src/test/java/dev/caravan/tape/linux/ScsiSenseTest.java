package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ScsiSenseTest {
    private static ScsiSense sense(String hex) {
        return ScsiSense.of(HexFormat.of().parseHex(hex));
    }

    @Test
    void bothFormatsSayTheSame() {
        ScsiSense fixed = sense("7000020000000010000000003a0000000000");
        ScsiSense descriptor = sense("72023a0000000000");

        assertThat(fixed).isEqualTo(descriptor);
        assertThat(fixed).hasToString("not ready, no medium (sense 2/3A/00)");
        assertThat(fixed.is(ScsiSense.NOT_READY, 0x3A)).isTrue();
    }

    @Test
    void theFlagsBesideTheKeyAreNoPartOfIt() {
        // filemark, end of medium and wrong length set: E0h
        assertThat(sense("f000ed0000100010000000000002000000"))
                .hasToString(
                        "volume overflow, end of partition or medium detected (sense D/00/02)");
    }

    @Test
    void aDeferredErrorIsOfAnEarlierCommand() {
        assertThat(sense("710003000000001000000000" + "0c00" + "00000000"))
                .hasToString("deferred: medium error, write error (sense 3/0C/00)");
        assertThat(sense("73030c0000000000").deferred()).isTrue();
        assertThat(sense("7101000000000010000000000000").recovered()).isFalse();
        assertThat(sense("7000010000000010000000003700").recovered()).isTrue();
    }

    @Test
    void anUnknownCodeIsShownInNumbersAndAQualifierFallsBackToItsCode() {
        assertThat(sense("70000400000000100000000080ff"))
                .hasToString("hardware error (sense 4/80/FF)");
        assertThat(sense("7000050000000010000000002405"))
                .hasToString("illegal request, invalid field in the command (sense 5/24/05)");
    }

    @Test
    void anyCutOffSenseIsDecodedAsFarAsItGoes() {
        byte[] whole = HexFormat.of().parseHex("7000020000000010000000003a0000000000");
        for (int length = 0; length <= whole.length; length++) {
            ScsiSense cut = ScsiSense.of(Arrays.copyOf(whole, length));
            assertThat(cut.key()).isEqualTo(length < 3 ? 0 : 2);
            assertThat(cut.asc()).isEqualTo(length < 13 ? 0 : 0x3A);
        }
        assertThat(sense("00000000")).isEqualTo(ScsiSense.NONE);
    }
}
