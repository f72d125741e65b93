package dev.caravan.target;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.Checksum;

/// CRC-64/NVME, the checksum that S3 keeps for an object as a whole, however many parts it came in:
/// polynomial 0xAD93D23594C93659, reflected, all ones before and after (NVM Express NVM Command Set
/// Specification 1.0, section 5.2.1.3.4). Eight bytes at a time by tables. Confined to one thread.
final class Crc64Nvme implements Checksum {
    private static final long REFLECTED = 0x9A6C9329AC4BC9B5L;
    private static final long ONE = Long.MIN_VALUE;
    private static final long[][] TABLES = tables();
    private static final java.lang.invoke.VarHandle LONG =
            java.lang.invoke.MethodHandles.byteArrayViewVarHandle(
                    long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);

    private long crc = -1;

    private static long[][] tables() {
        long[][] tables = new long[8][256];
        for (int b = 0; b < 256; b++) {
            long crc = b;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ REFLECTED;
            }
            tables[0][b] = crc;
        }
        for (int b = 0; b < 256; b++) {
            for (int t = 1; t < 8; t++) {
                long before = tables[t - 1][b];
                tables[t][b] = tables[0][(int) (before & 0xFF)] ^ (before >>> 8);
            }
        }
        return tables;
    }

    @Override
    public void update(int b) {
        crc = TABLES[0][(int) ((crc ^ b) & 0xFF)] ^ (crc >>> 8);
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        long c = crc;
        int at = offset;
        int end = offset + length;
        for (; end - at >= 8; at += 8) {
            long x = c ^ (long) LONG.get(bytes, at);
            c =
                    TABLES[7][(int) (x & 0xFF)]
                            ^ TABLES[6][(int) (x >>> 8 & 0xFF)]
                            ^ TABLES[5][(int) (x >>> 16 & 0xFF)]
                            ^ TABLES[4][(int) (x >>> 24 & 0xFF)]
                            ^ TABLES[3][(int) (x >>> 32 & 0xFF)]
                            ^ TABLES[2][(int) (x >>> 40 & 0xFF)]
                            ^ TABLES[1][(int) (x >>> 48 & 0xFF)]
                            ^ TABLES[0][(int) (x >>> 56)];
        }
        for (; at < end; at++) {
            c = TABLES[0][(int) ((c ^ bytes[at]) & 0xFF)] ^ (c >>> 8);
        }
        crc = c;
    }

    @Override
    public long getValue() {
        return ~crc;
    }

    @Override
    public void reset() {
        crc = -1;
    }

    /// The bytes of `next` come behind these. Takes as long for many as for few.
    ///
    /// @param length how many bytes `next` is of
    void append(Crc64Nvme next, long length) {
        long power = ONE;
        long base = ONE >>> 8; // x to the 8th: what one byte more multiplies by
        for (long left = length; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                power = product(base, power);
            }
            base = product(base, base);
        }
        crc = ~(product(power, getValue()) ^ next.getValue());
    }

    /// Of two polynomials modulo that of the checksum; the highest bit is the constant term.
    private static long product(long a, long b) {
        long product = 0;
        long times = b;
        for (long rest = a; rest != 0; rest <<= 1) {
            if (rest < 0) {
                product ^= times;
            }
            times = (times & 1) == 0 ? times >>> 1 : (times >>> 1) ^ REFLECTED;
        }
        return product;
    }

    /// As S3 writes it: the eight bytes of the value, highest first, in Base64.
    String base64() {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(Long.BYTES).putLong(getValue()).array());
    }
}
