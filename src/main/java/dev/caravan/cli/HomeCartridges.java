package dev.caravan.cli;

import dev.caravan.restore.Medium;
import dev.caravan.tape.LibraryPlace;
import dev.caravan.tape.TapeComponent;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.NotThatVolumeException;
import dev.caravan.tape.pool.VolumeRefusedException;
import java.io.IOException;
import org.apache.camel.CamelContext;

/// The cartridges of a home's library, loaded to be read cold. Where routes run, drives are shared
/// with them and waited for. Thread-safe.
final class HomeCartridges implements Medium.Cartridges {
    private final LibraryPlace place;
    private final CamelContext camel;

    HomeCartridges(LibraryPlace place, CamelContext camel) {
        this.place = place;
        this.camel = camel;
    }

    @Override
    public Medium.Loaded load(String barcode) throws IOException {
        try {
            return new Medium.Loaded.Ready(
                    HomeTapes.load(library(), place, new Barcode(barcode), true));
        } catch (VolumeRefusedException away) {
            return new Medium.Loaded.Away(String.valueOf(away.getMessage()));
        } catch (NotThatVolumeException another) {
            return new Medium.Loaded.Another(String.valueOf(another.getMessage()));
        }
    }

    private TapeLibrary library() throws IOException {
        return camel.isStarted()
                ? camel.getComponent("tape", TapeComponent.class).library(place)
                : TapeLibrary.open(place);
    }
}
