package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import java.util.Map;
import java.util.OptionalInt;

/// What the last two characters of a barcode say of a cartridge (LTO Ultrium cartridge label
/// specification): the generation, and with it the density code of its format, and whether it can
/// be written once.
///
/// @param density the code of the format; none where the label names no generation we know
/// @param worm the cartridge can be written once
record LtoFormat(OptionalInt density, boolean worm) {
    private static final int LTO_3 = 0x44;
    private static final int LTO_4 = 0x46;
    private static final int LTO_5 = 0x58;
    private static final int LTO_6 = 0x5A;
    private static final int LTO_7 = 0x5C;
    private static final int LTO_8_TYPE_M = 0x5D;
    private static final int LTO_8 = 0x5E;
    private static final int LTO_9 = 0x60;
    private static final int LTO_10 = 0x62;
    private static final int LTO_10_PREMIUM = 0x63;

    private static final Map<String, Integer> DATA =
            Map.of(
                    "L3", LTO_3,
                    "L4", LTO_4,
                    "L5", LTO_5,
                    "L6", LTO_6,
                    "L7", LTO_7,
                    "M8", LTO_8_TYPE_M,
                    "L8", LTO_8,
                    "L9", LTO_9,
                    "LA", LTO_10,
                    "PA", LTO_10_PREMIUM);

    private static final Map<String, Integer> WORM =
            Map.of(
                    "LT", LTO_3,
                    "LU", LTO_4,
                    "LV", LTO_5,
                    "LW", LTO_6,
                    "LX", LTO_7,
                    "LY", LTO_8,
                    "LZ", LTO_9);

    private static final int NAME_LENGTH = 6;

    static LtoFormat of(Barcode barcode) {
        String text = barcode.text();
        String type = text.length() > NAME_LENGTH ? text.substring(NAME_LENGTH) : "";
        Integer worm = WORM.get(type);
        Integer density = worm == null ? DATA.get(type) : worm;
        return new LtoFormat(
                density == null || barcode.cleaning()
                        ? OptionalInt.empty()
                        : OptionalInt.of(density),
                worm != null);
    }
}
