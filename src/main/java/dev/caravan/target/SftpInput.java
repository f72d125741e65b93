package dev.caravan.target;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// The bytes of an open remote file from an offset to its end, with many reads asked for ahead: one
/// at a time would wait a round trip for each. Confined to one thread.
///
/// It begins with as many as the caller expects to read, at most 1 MiB: so a small member in the
/// middle of a large segment costs little. More are asked for while they have to be waited for
/// ([ReadAhead]).
final class SftpInput extends InputStream {

    /// At most so much is asked for ahead.
    static final int AHEAD_BYTES = 8 << 20;

    /// 255 KiB is what OpenSSH answers at most, and what fits a packet of the client.
    private static final int LONGEST_READ = 255 << 10;

    private static final int FIRST_BYTES = 1 << 20;

    private record Request(int id, long offset, int length) {}

    private final SftpConnection connection;
    private final byte[] handle;
    private final int readBytes;
    private final ReadAhead ahead;
    private final ArrayDeque<Request> asked = new ArrayDeque<>();
    private long next;
    private boolean atEnd;
    private @Nullable Buffer answer;

    /// @param expected how many bytes the caller will probably read
    SftpInput(SftpConnection connection, byte[] handle, long offset, long expected) {
        this.connection = connection;
        this.handle = handle;
        this.readBytes = (int) Math.min(connection.longestRead(), LONGEST_READ);
        this.next = offset;
        long first = Math.min(expected, FIRST_BYTES);
        int most = AHEAD_BYTES / readBytes;
        this.ahead =
                new ReadAhead(
                        Math.clamp((first + readBytes - 1) / readBytes, 1, most),
                        most,
                        System.nanoTime());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        while (answer == null || answer.available() == 0) {
            if (atEnd) {
                return -1;
            }
            fill();
        }
        int count = Math.min(length, answer.available());
        answer.getRawBytes(into, offset, count);
        return count;
    }

    private void fill() throws IOException {
        while (asked.size() < ahead.reads()) {
            asked.addLast(ask(next, readBytes));
            next += readBytes;
        }
        Request request = asked.removeFirst();
        long began = System.nanoTime();
        answer = answer(request);
        ahead.answered(began, System.nanoTime());
        if (answer == null) {
            atEnd = true;
            return;
        }
        int got = answer.available();
        if (got < request.length) {
            // a short answer is allowed anywhere: ask for the rest before what follows
            asked.addFirst(ask(request.offset + got, request.length - got));
        }
    }

    private Request ask(long offset, int length) throws IOException {
        Buffer read = new ByteArrayBuffer(handle.length + 32);
        read.putBytes(handle);
        read.putLong(offset);
        read.putUInt(length);
        return new Request(connection.send(SftpConstants.SSH_FXP_READ, read), offset, length);
    }

    /// The data of one answer, or null at the end of the file.
    private @Nullable Buffer answer(Request request) throws IOException {
        Buffer buffer = connection.receive(request.id);
        buffer.getInt(); // length of the packet
        int type = buffer.getUByte();
        buffer.getInt(); // id
        if (type == SftpConstants.SSH_FXP_DATA) {
            int length = buffer.getInt();
            if (length < 1 || length > request.length || length > buffer.available()) {
                throw new IOException(
                        "read of " + request.length + " bytes was answered by " + length);
            }
            buffer.wpos(buffer.rpos() + length);
            return buffer;
        }
        if (type == SftpConstants.SSH_FXP_STATUS) {
            int status = buffer.getInt();
            if (status == SftpConstants.SSH_FX_EOF) {
                return null;
            }
            throw new SftpException(status, buffer.getString());
        }
        throw new IOException("read was answered by SFTP packet type " + type);
    }

    /// Takes in what was asked for and not read, so that the connection can be used again.
    @Override
    public void close() throws IOException {
        atEnd = true;
        answer = null;
        while (!asked.isEmpty()) {
            connection.receive(asked.removeFirst().id);
        }
    }
}
