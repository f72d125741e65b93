package dev.caravan.segment;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Members that lie one behind the other in a segment, none of them large, made as a whole: their
/// headers, their files read and checked, the padding. Each file is closed before the next is
/// opened. Confined to one thread at a time, except [#leave].
final class Stretch {

    /// Enough for some dozens of small files, so that handing it over costs nothing next to making
    /// it. Only a single member can be larger: a file of up to [Format#SMALL].
    static final int BYTES = 512 << 10;

    private final List<Member> members;
    private final Contents contents;
    private final byte[] bytes;
    private final HeaderWriter headers = new HeaderWriter();
    private final MessageDigest digest = Sha256.digest();

    /// One for each member; null for a link, which depends on members before the stretch.
    private final List<@Nullable MemberResult> results;

    private byte[] hole = {};
    private volatile boolean left;

    /// @param bytes at least as many as the members take
    Stretch(List<Member> members, Contents contents, byte[] bytes) {
        this.members = members;
        this.contents = contents;
        this.bytes = bytes;
        this.results = new ArrayList<>(members.size());
    }

    /// The end of the stretch that begins with the member `from`, which is not large.
    static int end(List<Member> members, int from) {
        long offset = members.get(from).offset();
        int end = from + 1;
        while (end < members.size()
                && !members.get(end).large()
                && members.get(end).end() - offset <= BYTES) {
            end++;
        }
        return end;
    }

    static int length(List<Member> members) {
        return Math.toIntExact(members.getLast().end() - members.getFirst().offset());
    }

    int length() {
        return length(members);
    }

    int count() {
        return members.size();
    }

    /// The bytes of the stretch are the first ones.
    byte[] bytes() {
        return bytes;
    }

    /// Makes all members but the links. An error of a file makes its member void.
    ///
    /// @throws ClosedByInterruptException if the thread is interrupted
    void make() throws ClosedByInterruptException {
        for (Member member : members) {
            if (left) {
                return;
            }
            boolean link = member.unavailable() == null && member.leader() != null;
            results.add(link ? null : made(member));
        }
    }

    /// Has [#make] end before the next member. For any thread.
    void leave() {
        left = true;
    }

    /// Makes the links too.
    ///
    /// @param all what became of the members before the stretch; those of the stretch are added
    void complete(List<MemberResult> all) throws IOException {
        for (int i = 0; i < members.size(); i++) {
            MemberResult result = results.get(i);
            all.add(result == null ? linked(members.get(i), all) : result);
        }
    }

    private MemberResult made(Member member) throws ClosedByInterruptException {
        try {
            return item(member);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException why) {
            return voided(member, why);
        }
    }

    private MemberResult item(Member member) throws IOException {
        if (member.unavailable() != null) {
            throw member.unavailable();
        }
        Version version = member.version();
        boolean file = version.metadata().kind() == Kind.FILE;
        if (version.hasBytes()) {
            return file(member);
        }
        headers.item(member.name(), version.metadata());
        placeHeader(member);
        return member.written(file ? Sha256.OF_NOTHING : null);
    }

    /// The header is written when the file is known to be the version.
    private MemberResult file(Member member) throws IOException {
        MemberResult.Written written;
        int start = at(member) + member.headerLength();
        int end = start;
        digest.reset();
        try (MemberFile file = new MemberFile(member, contents.open(member.version()))) {
            MemberFile.Run run;
            while ((run = file.next()) != null) {
                byte[] into = run.data() ? bytes : hole();
                int offset = run.data() ? end : 0;
                file.read(run, into, offset);
                Sha256.update(digest, into, offset, run.length());
                end += run.data() ? run.length() : 0;
            }
            file.verifyUnchanged();
            written = file.written(Sha256.of(digest.digest()));
        }
        if (member.map() == null) {
            headers.item(member.name(), member.version().metadata());
        } else {
            headers.sparse(member.name(), member.version().metadata(), member.map());
        }
        placeHeader(member);
        Arrays.fill(bytes, end, start + (int) Format.padded(member.stored()), (byte) 0);
        return written;
    }

    private byte[] hole() {
        if (hole.length == 0) {
            hole = new byte[MemberFile.PIECE];
        }
        return hole;
    }

    private MemberResult linked(Member member, List<MemberResult> all) {
        Member leader = Objects.requireNonNull(member.leader());
        return switch (all.get(leader.number() - 1)) {
            case MemberResult.Void(Version v, long _, IOException why) ->
                    voided(
                            member,
                            new ContentUnavailableException(
                                    why instanceof ContentUnavailableException e
                                            ? e.reason()
                                            : Reason.UNREADABLE,
                                    "unable to link '%s' to '%s', which is void: %s"
                                            .formatted(
                                                    member.version().path(),
                                                    v.path(),
                                                    why.getMessage())));
            case MemberResult.Written(Version _, long _, long _, Sha256 sha256, boolean _) ->
                    link(member, leader, Objects.requireNonNull(sha256));
        };
    }

    private MemberResult link(Member member, Member leader, Sha256 sha256) {
        try {
            member.check(sha256);
        } catch (ContentUnavailableException why) {
            return voided(member, why);
        }
        headers.link(member.name(), member.version().metadata(), leader.name());
        placeHeader(member);
        return member.written(sha256);
    }

    /// A void member of the length its place has: a header, zeros, and nothing of the file.
    private MemberResult voided(Member member, IOException why) {
        int at = at(member);
        headers.voidMember(member.voidName(), member.end() - member.offset());
        System.arraycopy(headers.bytes(), 0, bytes, at, headers.length());
        int end = at + (int) (member.end() - member.offset());
        Arrays.fill(bytes, at + headers.length(), end, (byte) 0);
        return member.failed(why);
    }

    private void placeHeader(Member member) {
        if (headers.length() != member.headerLength()) {
            throw new IllegalStateException(
                    "member %d has a header of %d bytes, not %d"
                            .formatted(member.number(), headers.length(), member.headerLength()));
        }
        System.arraycopy(headers.bytes(), 0, bytes, at(member), headers.length());
    }

    private int at(Member member) {
        return (int) (member.offset() - members.getFirst().offset());
    }
}
