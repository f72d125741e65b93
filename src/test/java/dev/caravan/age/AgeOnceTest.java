package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A file that is sealed more than once with one key: whatever its source does, all that leaves is
/// of one content.
class AgeOnceTest {
    private static final int CHUNK = Layout.PLAIN;
    private static final int BATCH = 4 * CHUNK;
    private static final AgeIdentity IDENTITY = AgeIdentity.generate();
    private static final AgeSeal SEAL = AgeSeal.to(List.of(IDENTITY.recipient()));

    /// What came out, until an end or a failure.
    private record Came(byte[] bytes, @Nullable IOException failed) {
        static Came of(AgeSeal.Once once, byte[] content, int most) {
            ByteArrayOutputStream came = new ByteArrayOutputStream();
            byte[] some = new byte[10_000];
            try (InputStream in = once.seal(new ByteArrayInputStream(content))) {
                while (came.size() < most) {
                    int count = in.read(some, 0, Math.min(some.length, most - came.size()));
                    if (count < 0) {
                        break;
                    }
                    came.write(some, 0, count);
                }
                return new Came(came.toByteArray(), null);
            } catch (IOException failed) {
                return new Came(came.toByteArray(), failed);
            }
        }

        boolean startsAs(Came other) {
            int both = Math.min(bytes.length, other.bytes.length);
            return Arrays.equals(bytes, 0, both, other.bytes, 0, both);
        }
    }

    /// The one property that counts: where two streams of one key both gave a byte, it is the same.
    @Property(tries = 150)
    void noTwoStreamsOfOneKeyDiffer(
            @ForAll @IntRange(min = 1, max = 11 * Layout.PLAIN) int length,
            @ForAll @IntRange(min = 1, max = 12 * Layout.PLAIN) int otherLength,
            @ForAll @IntRange(max = 11 * Layout.PLAIN) int changed,
            @ForAll @IntRange(max = 13 * Layout.PLAIN) int cut,
            @ForAll @IntRange(max = 13 * Layout.PLAIN) int otherCut) {
        byte[] content = AgeStreamTest.content(length);
        byte[] other = Arrays.copyOf(content, otherLength);
        if (changed < otherLength) {
            other[changed] ^= 1;
        }
        AgeSeal.Once once = SEAL.once();

        Came first = Came.of(once, content, cut);
        Came second = Came.of(once, other, otherCut);
        Came third = Came.of(once, content, Integer.MAX_VALUE);

        assertThat(first.failed).isNull();
        assertThat(second.startsAs(first)).isTrue();
        assertThat(third.startsAs(first)).isTrue();
        assertThat(third.startsAs(second)).isTrue();
        assertThat(third.failed == null).isEqualTo(!once.isSpent());
    }

    @Test
    void theSameContentGivesTheSameBytesHoweverOftenItIsCutOff() throws IOException {
        byte[] content = AgeStreamTest.content(5 * BATCH + 17);
        AgeSeal.Once once = SEAL.once();
        Came cut = Came.of(once, content, 3 * BATCH);
        Came all = Came.of(once, content, Integer.MAX_VALUE);

        assertThat(all.startsAs(cut)).isTrue();
        assertThat(all.bytes).hasSize((int) SEAL.sealedLength(content.length));
        assertThat(Came.of(once, content, Integer.MAX_VALUE).bytes).isEqualTo(all.bytes);
        assertThat(once.isSpent()).isFalse();
        assertThat(
                        AgeOpener.with(List.of(IDENTITY))
                                .open(new ByteArrayInputStream(all.bytes))
                                .readAllBytes())
                .isEqualTo(content);
    }

    @Test
    void anotherContentGivesNothingFromItsBatchOnAndSpendsTheKeyForGood() {
        byte[] content = AgeStreamTest.content(5 * BATCH);
        byte[] other = content.clone();
        other[3 * BATCH - 1] ^= 1;
        AgeSeal.Once once = SEAL.once();
        Came all = Came.of(once, content, Integer.MAX_VALUE);

        Came changed = Came.of(once, other, Integer.MAX_VALUE);

        assertThat(changed.failed).isInstanceOf(AgeException.OtherContent.class);
        assertThat(changed.startsAs(all)).isTrue();
        assertThat(changed.bytes.length).isLessThan(2 * (BATCH + 4 * Layout.TAG) + 1000);
        assertThat(once.isSpent()).isTrue();
        Came again = Came.of(once, content, Integer.MAX_VALUE);
        assertThat(again.failed).isInstanceOf(AgeException.OtherContent.class);
        assertThat(again.bytes.length).as("the header").isLessThan(1000);
    }

    /// A longer content has another last chunk, a shorter one too: the nonce of the last is its
    /// own.
    @Test
    void aContentOfAnotherLengthIsAnother() {
        for (int length : new int[] {2 * BATCH - 1, 2 * BATCH + 1, 2 * BATCH - CHUNK, 0}) {
            byte[] content = AgeStreamTest.content(2 * BATCH);
            AgeSeal.Once once = SEAL.once();
            Came.of(once, content, Integer.MAX_VALUE);

            assertThat(Came.of(once, Arrays.copyOf(content, length), Integer.MAX_VALUE).failed)
                    .as("%d bytes", length)
                    .isInstanceOf(AgeException.OtherContent.class);
        }
    }

    /// Two attempts at once: the one that comes later to a batch is the one that is refused.
    @Test
    void ofTwoStreamsAtOnceOneIsRefused() throws IOException {
        byte[] content = AgeStreamTest.content(4 * BATCH);
        byte[] other = content.clone();
        other[BATCH + 1] ^= 1;
        AgeSeal.Once once = SEAL.once();
        try (InputStream one = once.seal(new ByteArrayInputStream(content));
                InputStream two = once.seal(new ByteArrayInputStream(other))) {
            one.readNBytes(BATCH);
            two.readNBytes(2 * BATCH); // the first to come to the second batch
            assertThatThrownBy(() -> one.readNBytes(BATCH))
                    .isInstanceOf(AgeException.OtherContent.class);
            assertThatThrownBy(two::readAllBytes).isInstanceOf(AgeException.OtherContent.class);
        }
    }

    /// Beyond the first page of what it knows, too.
    @Test
    void littleMemoryIsNeededToKnowALargeContentAgain() {
        byte[] content = new byte[300 * BATCH];
        AgeSeal.Once once = SEAL.once();
        byte[] all = Came.of(once, content, Integer.MAX_VALUE).bytes;

        assertThat(once.memory()).isEqualTo(2 * 4096);
        assertThat(Came.of(once, content, Integer.MAX_VALUE).bytes).isEqualTo(all);
        content[260 * BATCH] ^= 1;
        assertThat(Came.of(once, content, Integer.MAX_VALUE).failed)
                .isInstanceOf(AgeException.OtherContent.class);
    }
}
