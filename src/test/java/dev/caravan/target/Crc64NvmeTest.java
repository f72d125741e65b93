package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Crc64NvmeTest {
    @Test
    void theCheckValueOfTheSpecification() {
        Crc64Nvme crc = new Crc64Nvme();
        crc.update("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9);
        assertThat(crc.getValue()).isEqualTo(0xAE8B14860A799888L);
        assertThat(crc.base64()).isEqualTo("rosUhgp5mIg=");
    }

    @Test
    void ofNothingAndOf4096Zeros() {
        assertThat(new Crc64Nvme().getValue()).isZero();
        Crc64Nvme zeros = new Crc64Nvme();
        zeros.update(new byte[4096], 0, 4096);
        assertThat(zeros.getValue()).isEqualTo(0x6482D367EB22B64EL);
    }

    @Property
    void inAnyPiecesAndByteByByteItIsTheSame(
            @ForAll byte[] bytes, @ForAll @IntRange(min = 0, max = 40) int cut) {
        Crc64Nvme single = new Crc64Nvme();
        for (byte b : bytes) {
            single.update(b);
        }
        int at = Math.min(cut, bytes.length);
        Crc64Nvme pieces = new Crc64Nvme();
        pieces.update(bytes, 0, at);
        pieces.update(bytes, at, bytes.length - at);
        assertThat(pieces.getValue()).isEqualTo(single.getValue());
    }

    @Property
    void piecesThatWereSummedByThemselvesMakeTheWhole(
            @ForAll byte[] first, @ForAll byte[] second, @ForAll @IntRange(max = 70_000) int gap) {
        byte[] zeros = new byte[gap];
        Crc64Nvme joined = new Crc64Nvme();
        Crc64Nvme whole = new Crc64Nvme();
        for (byte[] piece : List.of(first, zeros, second)) {
            joined.append(of(piece), piece.length);
            whole.update(piece, 0, piece.length);
        }
        assertThat(joined.getValue()).isEqualTo(whole.getValue());
        joined.update(second, 0, second.length);
        whole.update(second, 0, second.length);
        assertThat(joined.base64()).as("it goes on").isEqualTo(whole.base64());
    }

    private static Crc64Nvme of(byte[] bytes) {
        Crc64Nvme crc = new Crc64Nvme();
        crc.update(bytes, 0, bytes.length);
        return crc;
    }
}
