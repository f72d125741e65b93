package dev.caravan.pipeline;

import org.apache.camel.spi.Metadata;

/** The message headers Caravan sets on what a copy route carries. */
public final class CaravanHeaders {

    @Metadata(
            label = "consumer",
            description =
                    "The name Caravan made for what is carried: unique for each attempt, letters,"
                            + " digits, dots and dashes only. Use it as the file name at the far"
                            + " end.",
            javaType = "String")
    public static final String COPY_NAME = "CaravanCopyName";

    @Metadata(
            label = "consumer",
            description = "The target the copies are for.",
            javaType = "String")
    public static final String TARGET = "CaravanTarget";

    @Metadata(
            label = "consumer",
            description = "How many versions are carried: 1, or the members of a segment.",
            javaType = "Integer")
    public static final String VERSIONS = "CaravanVersions";

    @Metadata(label = "consumer", description = "How many bytes the body has.", javaType = "Long")
    public static final String LENGTH = "CaravanLength";

    @Metadata(
            description =
                    "For the get route of an endpoint: which bytes are wanted, as the header Range of"
                            + " HTTP has it (RFC 9110 section 14.2). Not set if all are.",
            javaType = "String")
    public static final String RANGE = "CaravanRange";

    @Metadata(
            description =
                    "From the get route of an endpoint: what it gave. Not set: the whole file."
                            + " part: the bytes that were wanted. end: there are none so far behind."
                            + " none: there is no such file.",
            javaType = "String")
    public static final String RESULT = "CaravanResult";

    private CaravanHeaders() {}
}
