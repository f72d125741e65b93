package dev.caravan.tape.drive;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A format of LTO cartridges and of the drives made for it: what a cartridge takes, at which speed
/// a drive must be fed, and which drives accept which cartridges. Immutable.
///
/// Capacities and speeds are the native ones, without compression, of full-height drives: what the
/// LTO programme and the vendors' sheets say, in millions of bytes per second. The floor is the
/// lowest speed the drive can slow down to; fed slower than that it must stop, go back and start
/// again for every buffer of data (a back-hitch), which costs seconds and wears the tape. Vendors
/// differ; the lowest figure is taken, so that nobody is warned without need. For LTO-10 none is
/// published: a third of its speed, the rule of thumb for the others.
///
/// The barcode ends in the media type, two characters: `L8` for LTO-8, `LY` for LTO-8 WORM.
public enum LtoGeneration {
    LTO5(5, 0x58, List.of("L5"), List.of("LV"), 1_500, 140, 30),
    LTO6(6, 0x5A, List.of("L6"), List.of("LW"), 2_500, 160, 40),
    LTO7(7, 0x5C, List.of("L7"), List.of("LX"), 6_000, 300, 100),
    /// An LTO-7 cartridge that an LTO-8 drive has initialised to hold more; no other drive takes
    /// it.
    LTO7_TYPE_M(7, 0x5D, List.of("M8"), List.of(), 9_000, 300, 100),
    LTO8(8, 0x5E, List.of("L8"), List.of("LY"), 12_000, 360, 100),
    LTO9(9, 0x60, List.of("L9"), List.of("LZ"), 18_000, 400, 177),
    LTO10(10, 0x62, List.of("LA"), List.of(), 30_000, 400, 133),
    /// The LTO-10 cartridge of thinner tape.
    LTO10_PREMIUM(10, 0x63, List.of("PA"), List.of(), 40_000, 400, 133);

    private static final long MEGABYTE = 1_000_000;

    private final int number;
    private final int density;
    private final List<String> mediaTypes;
    private final List<String> wormMediaTypes;
    private final long capacityGigabytes;
    private final long megabytesPerSecond;
    private final long floorMegabytesPerSecond;

    LtoGeneration(
            int number,
            int density,
            List<String> mediaTypes,
            List<String> wormMediaTypes,
            long capacityGigabytes,
            long megabytesPerSecond,
            long floorMegabytesPerSecond) {
        this.number = number;
        this.density = density;
        this.mediaTypes = mediaTypes;
        this.wormMediaTypes = wormMediaTypes;
        this.capacityGigabytes = capacityGigabytes;
        this.megabytesPerSecond = megabytesPerSecond;
        this.floorMegabytesPerSecond = floorMegabytesPerSecond;
    }

    /// The format with this density code (bits 24 to 31 of `mt_dsreg`, SSC-4 §8.3.3).
    public static Optional<LtoGeneration> ofDensity(int density) {
        return Arrays.stream(values()).filter(g -> g.density == density).findFirst();
    }

    /// The format the last two characters of a barcode name; nothing for a barcode without a media
    /// type and for a cleaning cartridge.
    public static Optional<LtoGeneration> ofBarcode(String barcode) {
        String type = mediaType(barcode);
        return Arrays.stream(values())
                .filter(g -> g.mediaTypes.contains(type) || g.wormMediaTypes.contains(type))
                .findFirst();
    }

    /// Whether the last two characters of a barcode name a cartridge that can be written once.
    public static boolean worm(String barcode) {
        String type = mediaType(barcode);
        return Arrays.stream(values()).anyMatch(g -> g.wormMediaTypes.contains(type));
    }

    private static String mediaType(String barcode) {
        return barcode.length() == 8 ? barcode.substring(6) : "";
    }

    /// The number in its name: 8 for LTO-8.
    public int number() {
        return number;
    }

    public int density() {
        return density;
    }

    public long capacityBytes() {
        return capacityGigabytes * 1000 * MEGABYTE;
    }

    public long bytesPerSecond() {
        return megabytesPerSecond * MEGABYTE;
    }

    /// The least a drive must be fed to stream.
    public long floorBytesPerSecond() {
        return floorMegabytesPerSecond * MEGABYTE;
    }

    /// Whether a drive of this generation writes such a cartridge: its own and the one before, but
    /// only its own from LTO-10 on. A drive has no generation of type M.
    public boolean writes(LtoGeneration cartridge) {
        return switch (cartridge) {
            case LTO7_TYPE_M -> this == LTO8;
            default ->
                    cartridge.number == number || (number < 10 && cartridge.number == number - 1);
        };
    }

    /// Whether a drive of this generation reads such a cartridge: what it writes, and up to LTO-7
    /// one generation more.
    public boolean reads(LtoGeneration cartridge) {
        return writes(cartridge)
                || (number <= 7
                        && cartridge != LTO7_TYPE_M
                        && cartridge.number >= number - 2
                        && cartridge.number < number);
    }

    @Override
    public String toString() {
        return switch (this) {
            case LTO7_TYPE_M -> "LTO-7 type M";
            case LTO10_PREMIUM -> "LTO-10 Premium";
            default -> "LTO-" + number;
        };
    }
}
