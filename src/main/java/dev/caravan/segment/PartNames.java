package dev.caravan.segment;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The names of the members that hold parts (`segment-format.md`, "Parts").
public final class PartNames {
    /// What a file system takes as one name, and as a path.
    private static final int LONGEST_NAME = 255;

    private static final int LONGEST_PATH = 4095;

    private static final Pattern FORM =
            Pattern.compile(".*\\.part-[0-9]{5,}-of-[0-9]{5,}", Pattern.DOTALL);

    private PartNames() {}

    /// What the parts of a version are called up to their numbers, below its source: other items
    /// must not have such names.
    public static byte[] stem(Version version) {
        String more = version.number() == 1 ? "" : ".version-" + version.number();
        ByteArrayOutputStream stem = new ByteArrayOutputStream();
        stem.writeBytes(version.path().bytes());
        stem.writeBytes(Format.ascii(more + ".part-"));
        return stem.toByteArray();
    }

    /// Whether the parts can not lie beside their file, because their names would be too long.
    public static boolean tooLong(Version version, int count) {
        int numbers = numbers(count, count).length();
        byte[] stem = stem(version);
        int name = version.path().name().length + stem.length - version.path().bytes().length;
        int path = version.source().length() + 1 + stem.length;
        return name + numbers > LONGEST_NAME || path + numbers > LONGEST_PATH;
    }

    static byte[] member(Version version, Part part, boolean hidden) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        if (hidden) {
            name.writeBytes(Format.ascii(folder(version) + "part-"));
        } else {
            name.writeBytes(Format.ascii(version.source() + "/"));
            name.writeBytes(stem(version));
        }
        name.writeBytes(Format.ascii(numbers(part.number(), part.count())));
        return name.toByteArray();
    }

    /// The member beside a hidden part that says whose it is.
    static String nameMember(Version version) {
        return folder(version) + Format.PART_NAME;
    }

    /// What it holds.
    static byte[] nameContent(Version version) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(Format.ascii(version.source() + "/"));
        content.writeBytes(version.path().bytes());
        content.write('\n');
        return content.toByteArray();
    }

    private static String folder(Version version) {
        return Format.PARTS + version.id() + "/";
    }

    /// As many digits in all parts of a file, so that their names sort as their numbers do.
    private static String numbers(int number, int count) {
        int digits = Math.max(5, Integer.toString(count).length());
        String form = "%0" + digits + "d-of-%0" + digits + "d";
        return form.formatted(number, count);
    }

    /// Whether a member with this name may be a part: it has the form, and items may have it too.
    public static boolean isPart(ItemPath path) {
        String name = new String(path.name(), StandardCharsets.ISO_8859_1);
        return FORM.matcher(name).matches();
    }

    /// For people: `part 3 of 12 of 'PATH'`.
    public static String shown(ItemPath path, int number, int count) {
        return "part %d of %d of '%s'".formatted(number, count, path);
    }
}
