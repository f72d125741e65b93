package dev.caravan.tape.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How to restore without Caravan: the texts and the script that every volume carries.
public final class Recipe {
    private Recipe() {}

    /// Puts the recipe beside the images of a virtual library, where `untap.py` is needed first.
    public static void copyTo(Path directory) throws IOException {
        for (String name : new String[] {"README.txt", "untap.py"}) {
            Files.write(directory.resolve(name), file(name));
        }
    }

    static byte[] file(String name) {
        try (InputStream in = Recipe.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is not in the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
