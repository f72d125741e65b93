/// Sources that are not folders of this machine: a folder on an SFTP server, a bucket. They are
/// scanned and read as folders are, and never written to.
@NullMarked
package dev.caravan.source;

import org.jspecify.annotations.NullMarked;
