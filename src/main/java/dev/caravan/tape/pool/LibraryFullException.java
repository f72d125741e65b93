package dev.caravan.tape.pool;

import java.io.IOException;

/// No cartridge in the library takes more data of a pool. Nothing was counted; a person must add
/// cartridges, and then the write succeeds when it is tried again.
public final class LibraryFullException extends IOException {
    private static final long serialVersionUID = 1L;

    LibraryFullException(String message) {
        super(message);
    }
}
