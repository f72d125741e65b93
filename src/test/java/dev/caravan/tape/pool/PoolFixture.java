package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;

/// A library, its inventory and pools with small records, for tests.
record PoolFixture(VirtualLibrary library, VolumeInventory inventory, DriveBays bays) {
    static final int BLOCK = 4096;

    static PoolFixture over(VirtualLibrary library) {
        return new PoolFixture(
                library,
                new VolumeInventory(library.directory()),
                new DriveBays(library, Duration.ofSeconds(10)));
    }

    MediaPool pool(String name) {
        return new MediaPool(name, BLOCK, bays, inventory, Clock.systemUTC(), UUID::randomUUID);
    }

    MediaPool pool(String name, Clock clock, PoolRules rules) {
        return new MediaPool(name, BLOCK, bays, inventory, clock, UUID::randomUUID, rules);
    }

    HandLabelling byHand(VolumeUse use) {
        return new HandLabelling(bays, inventory, use, Clock.systemUTC());
    }

    TapeFileStream read(TapeFile file, long offset) throws IOException {
        return TapeFileStream.open(bays, inventory, file.volume(), file.block(), offset);
    }

    byte[] readAll(TapeFile file) throws IOException {
        try (InputStream in = read(file, 0)) {
            return in.readAllBytes();
        }
    }

    Volume volume(String barcode) throws IOException {
        return inventory.find(new Barcode(barcode)).orElseThrow();
    }

    record Bytes(byte[] bytes, OptionalLong length) implements Body {
        static Bytes of(byte[] bytes) {
            return new Bytes(bytes, OptionalLong.empty());
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
