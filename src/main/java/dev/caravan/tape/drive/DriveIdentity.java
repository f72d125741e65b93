package dev.caravan.tape.drive;

/// Who a drive is, as it says itself (SPC-4 INQUIRY and its page 80h). A text is empty where the
/// drive gives none.
///
/// @param serial the serial number: what stays when device numbers change
public record DriveIdentity(String vendor, String product, String revision, String serial) {}
