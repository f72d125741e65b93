package dev.caravan.tape;

import dev.caravan.tape.LibraryControl.DriveReport;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.pool.Body;
import dev.caravan.tape.pool.MediaPool;
import dev.caravan.tape.pool.TapeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/// What a backup does with a real library, from the inventory to the bytes read back: it runs
/// inside the VM that has one. Prints what it finds, a line each; an error ends it.
///
/// Arguments: the directory of the inventory, the changer, the drives.
final class TapeLibraryInVm {
    private static final int BODY = 9 << 20;

    private TapeLibraryInVm() {}

    public static void main(String[] arguments) throws IOException {
        LibraryPlace place =
                new LibraryPlace(
                        Path.of(arguments[0]),
                        List.of(arguments).subList(2, arguments.length),
                        Optional.of(arguments[1]));
        require("no faults", TapeMachine.faults(place).isEmpty(), TapeMachine.faults(place));
        TapeLibrary library = TapeLibrary.open(place);
        inventory(library.control());
        List<TapeFile> files = write(library, "weekly", 3);
        long volumes = files.stream().map(TapeFile::volume).distinct().count();
        require("bodies span cartridges", volumes > 1, files);
        read(library, files);
        unloadAll(library.control());
        read(library, files);
        System.out.println("done");
    }

    private static void inventory(LibraryControl control) throws IOException {
        LibraryInventory inside = control.inside();
        System.out.println("inventory " + inside);
        Barcode last = inside.cartridges().getLast();
        int drive = control.load(last, OptionalInt.of(1));
        for (DriveReport report : control.drives()) {
            System.out.println("drive " + report);
        }
        require(
                "the cartridge is ready in the drive of that number",
                control.drives().get(drive).state() == LibraryControl.DriveState.READY,
                control.drives());
        control.unload(drive);
        require("it is back", control.inside().equals(inside), control.inside());
    }

    private static List<TapeFile> write(TapeLibrary library, String name, int count)
            throws IOException {
        MediaPool pool = library.pool(name, 256 << 10);
        List<TapeFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = bytes(files.size());
            TapeFile file = pool.write(body(bytes));
            System.out.println("wrote " + file);
            files.add(file);
        }
        return files;
    }

    private static void read(TapeLibrary library, List<TapeFile> files) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            TapeFile file = files.get(i);
            try (InputStream in = library.read(file.volume(), file.block(), 0)) {
                byte[] back = in.readAllBytes();
                require("bytes come back", Arrays.equals(back, bytes(i)), file);
            }
            System.out.println("read " + file.volume() + " file " + file.file());
        }
    }

    private static void unloadAll(LibraryControl control) throws IOException {
        for (LibraryInventory.Bay bay : control.inside().drives()) {
            if (!bay.empty()) {
                control.unload(bay.drive());
            }
        }
        require(
                "all are in slots",
                control.inside().drives().stream().allMatch(LibraryInventory.Bay::empty),
                control.inside());
    }

    private static byte[] bytes(int number) {
        byte[] bytes = new byte[BODY + 512 * number];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    private static Body body(byte[] bytes) {
        return new Body() {
            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }

            @Override
            public OptionalLong length() {
                return OptionalLong.of(bytes.length);
            }
        };
    }

    private static void require(String what, boolean holds, Object found) {
        if (!holds) {
            throw new IllegalStateException(what + ": " + found);
        }
    }
}
