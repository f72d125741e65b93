package dev.caravan.tape;

import org.apache.camel.spi.Metadata;

/** The headers of the tape component. */
public final class TapeConstants {
    @Metadata(
            label = "producer",
            description = "The barcode of the cartridge: set by write, needed by fetch.",
            javaType = "String")
    public static final String VOLUME = "CamelTapeVolume";

    @Metadata(
            label = "producer",
            description = "The id in the label of the cartridge.",
            javaType = "String")
    public static final String VOLUME_ID = "CamelTapeVolumeId";

    @Metadata(
            label = "producer",
            description = "The media pool of the cartridge.",
            javaType = "String")
    public static final String POOL = "CamelTapePool";

    @Metadata(
            label = "producer",
            description = "The number of the tape file on the cartridge; 0 is the volume file.",
            javaType = "Integer")
    public static final String FILE = "CamelTapeFile";

    @Metadata(
            label = "producer",
            description = "The first block of the tape file: set by write, needed by fetch.",
            javaType = "Long")
    public static final String BLOCK = "CamelTapeBlock";

    @Metadata(
            label = "producer",
            description = "The block behind the filemark of the tape file.",
            javaType = "Long")
    public static final String END_BLOCK = "CamelTapeEndBlock";

    @Metadata(
            label = "producer",
            description = "The byte of the tape file at which fetch begins; 0 if absent.",
            javaType = "Long")
    public static final String OFFSET = "CamelTapeOffset";

    @Metadata(
            label = "producer",
            description = "The number of records of the tape file.",
            javaType = "Long")
    public static final String RECORDS = "CamelTapeRecords";

    @Metadata(
            label = "producer",
            description = "The number of bytes of the tape file.",
            javaType = "Long")
    public static final String BYTES = "CamelTapeBytes";

    @Metadata(
            label = "producer",
            description =
                    "How the place on the tape was proven: position, or content where the drive"
                            + " cannot tell its position.",
            javaType = "String")
    public static final String POSITION_PROVEN = "CamelTapePositionProven";

    @Metadata(
            label = "producer",
            description =
                    "How many cartridges were found too full, with a void start of the body on"
                            + " each, before this one took it.",
            javaType = "Integer")
    public static final String SPANNED = "CamelTapeSpanned";

    @Metadata(
            label = "producer",
            description = "How fast the drive was fed, in bytes per second; 0 for a few records.",
            javaType = "Long")
    public static final String FEED_RATE = "CamelTapeFeedRate";

    @Metadata(
            label = "producer",
            description = "How often the drive had to wait for the body.",
            javaType = "Long")
    public static final String STALLS = "CamelTapeStalls";

    @Metadata(
            label = "producer",
            description =
                    "How often the tape must have stopped and started for want of data, at least;"
                            + " 0 in a virtual drive.",
            javaType = "Long")
    public static final String BACK_HITCHES = "CamelTapeBackHitches";

    private TapeConstants() {}
}
