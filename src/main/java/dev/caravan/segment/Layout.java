package dev.caravan.segment;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where everything lies in a segment, to the byte. Immutable, but for the lines of the index,
/// which are handed over once.
///
/// @param description the content of the first member
/// @param members in the order of the versions
/// @param indexOffset of the header of the last member
/// @param index its content
/// @param length of the whole segment
record Layout(
        byte[] description,
        List<Member> members,
        long indexOffset,
        IndexLines index,
        Instant created,
        long length) {

    /// Opens the files large enough to be sparse, to learn their holes: the length depends on them.
    static Layout of(
            SegmentId id,
            List<Version> versions,
            Contents contents,
            Instant created,
            String program) {
        byte[] description = IndexWriter.description(id, versions.size(), created, program);
        HeaderWriter headers = new HeaderWriter();
        headers.own(Format.DESCRIPTION, description.length, created);
        Placer placer =
                new Placer(contents, headers, headers.length() + Format.padded(description.length));
        List<Member> members = new ArrayList<>(versions.size());
        for (Version version : versions) {
            members.add(placer.place(version));
        }
        IndexLines index = new IndexLines(members);
        headers.own(Format.INDEX, index.length(), created);
        long length =
                placer.offset + headers.length() + Format.padded(index.length()) + 2 * Format.BLOCK;
        return new Layout(description, List.copyOf(members), placer.offset, index, created, length);
    }

    /// Puts one member after the other.
    private static final class Placer {
        private final Contents contents;
        private final HeaderWriter headers;
        private final Map<Inode, Member> leaders = new HashMap<>();
        private final Map<Place, Inode> leaderAt = new HashMap<>();
        private long offset;
        private int number;

        Placer(Contents contents, HeaderWriter headers, long offset) {
            this.contents = contents;
            this.headers = headers;
            this.offset = offset;
        }

        Member place(Version version) {
            Metadata metadata = version.metadata();
            number++;
            // A later version under the name of a leader replaces it in a restored tree: from here
            // on a link to that name would be a link to other bytes.
            Inode replaced = leaderAt.remove(new Place(version.source(), version.path()));
            if (replaced != null) {
                leaders.remove(replaced);
            }
            Inode inode = metadata.hardLinked() ? Inode.of(version) : null;
            Member leader = inode == null ? null : leaders.get(inode);
            Member member = leader == null ? whole(version) : link(version, leader);
            if (inode != null && leader == null && member.unavailable() == null) {
                leaders.put(inode, member);
                leaderAt.put(new Place(version.source(), version.path()), inode);
            }
            offset = member.end();
            return member;
        }

        private Member link(Version version, Member leader) {
            headers.link(Member.name(version), version.metadata(), leader.name());
            return member(version, 0, null, leader);
        }

        private Member whole(Version version) {
            Metadata metadata = version.metadata();
            SparseMap map = null;
            if (metadata.kind() == Kind.FILE && metadata.size() >= Format.SPARSE_FROM) {
                try (Content content = contents.open(version)) {
                    map = SparseMap.of(content.extents(), metadata.size());
                } catch (IOException e) {
                    return unavailable(version, e);
                }
            }
            byte[] name = Member.name(version);
            if (map == null) {
                headers.item(name, metadata);
                return member(version, metadata.size(), null, null);
            }
            headers.sparse(name, metadata, map);
            return member(version, map.stored(), map, null);
        }

        private Member member(
                Version version, long stored, @Nullable SparseMap map, @Nullable Member leader) {
            if (headers.length() > Format.MAX_PAX) {
                return unavailable(
                        version,
                        new ContentUnavailableException(
                                Reason.UNREADABLE,
                                "unable to write '%s' to a segment: its name and extended attributes take %d bytes, and tar programs read at most %d"
                                        .formatted(
                                                version.path(), headers.length(), Format.MAX_PAX)));
            }
            return new Member(version, number, offset, headers.length(), stored, map, leader, null);
        }

        private Member unavailable(Version version, IOException why) {
            return new Member(version, number, offset, Format.BLOCK, 0, null, null, why);
        }
    }

    private record Place(String source, ItemPath path) {}

    /// One file under several names. Links are made within a source only, so that each source can
    /// be restored alone.
    private record Inode(String source, long device, long inode, long size, Instant changed) {
        static Inode of(Version version) {
            var print = version.fingerprint();
            return new Inode(
                    version.source(), print.device(), print.inode(), print.size(), print.changed());
        }
    }
}
