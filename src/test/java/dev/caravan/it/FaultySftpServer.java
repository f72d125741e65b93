package dev.caravan.it;

import dev.caravan.target.EmbeddedSftpServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;

/// An SFTP server that lies, fails or breaks off when it is told to. It shows one folder.
final class FaultySftpServer implements AutoCloseable {

    /// What it does wrong with objects that arrive; all else it does right.
    enum Fault {
        NONE,
        /// Takes all bytes and keeps those of the first 32 KiB.
        STORES_LESS,
        /// Changes a byte of each write.
        STORES_OTHER_BYTES,
        /// Answers rightly what a file's hash is, and changes a byte of it after that.
        CHANGES_LATER,
        /// Answers that a file is on its disk, and does nothing.
        DOES_NOT_SYNC,
        QUOTA_EXCEEDED,
        /// Breaks the connection off where a file would be closed.
        CUTS_AT_CLOSE,
        /// Renames, and breaks the connection off instead of saying so.
        CUTS_AFTER_RENAME,
        /// Breaks off in the middle of the first object, and opens none that is there to go on.
        CUTS_AND_DOES_NOT_APPEND,
        /// Takes no key any more once the first bytes of an object have come, and breaks off.
        REVOKES_THE_KEY
    }

    private static final int KEPT = 32 << 10;
    private static final int CUT_AT = 4 << 20;

    private final Path keys;
    private final SshServer server;
    private volatile Fault fault = Fault.NONE;
    private volatile boolean refusing;
    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger logins = new AtomicInteger();

    private FaultySftpServer(Path keys, SshServer server) {
        this.keys = keys;
        this.server = server;
    }

    /// @param keys folder for those of the server and its client
    static FaultySftpServer start(Path keys, Path folder) throws Exception {
        Files.createDirectories(folder);
        int port = EmbeddedSftpServer.freePort();
        EmbeddedSftpServer.createKeys(keys, port);
        SshServer server = SshServer.setUpDefaultServer();
        FaultySftpServer faulty = new FaultySftpServer(keys, server);
        server.setHost("127.0.0.1");
        server.setPort(port);
        server.setKeyPairProvider(
                new FileKeyPairProvider(keys.resolve(EmbeddedSftpServer.HOST_KEY)));
        server.setPublickeyAuthenticator((user, key, session) -> {
            faulty.logins.incrementAndGet();
            return !faulty.refusing;
        });
        server.setUserAuthFactoriesNameList("publickey");
        server.setFileSystemFactory(new VirtualFileSystemFactory(folder));
        server.setSubsystemFactories(
                List.of(
                        new SftpSubsystemFactory.Builder()
                                .withFileSystemAccessor(faulty.new Accessor())
                                .build()));
        server.start();
        return faulty;
    }

    /// What `init` has to be told.
    List<String> options(String folder) {
        return List.of(
                "--offsite=caravan@127.0.0.1:" + server.getPort() + "/" + folder,
                "--offsite-key=" + keys.resolve(EmbeddedSftpServer.CLIENT_KEY),
                "--known-hosts=" + keys.resolve(EmbeddedSftpServer.KNOWN_HOSTS));
    }

    void does(Fault wrong) {
        fault = wrong;
        refusing = false;
    }

    /// How often it has done wrong.
    int hits() {
        return hits.get();
    }

    /// How often a key was shown to it.
    int logins() {
        return logins.get();
    }

    /// How many connections one account may have.
    void takesAtMost(int sessions) {
        CoreModuleProperties.MAX_CONCURRENT_SESSIONS.set(server, sessions);
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }

    private boolean hit(Fault wanted) {
        if (fault != wanted) {
            return false;
        }
        hits.incrementAndGet();
        return true;
    }

    /// Objects have no dot in their names; what describes them and the folder has.
    private static boolean isObject(Path file) {
        return file.toString().matches(".*/incoming/[^./]+");
    }

    private static IOException cut(SftpSubsystemProxy subsystem) {
        subsystem.getServerSession().close(true);
        return new IOException("the connection is gone");
    }

    private final class Accessor implements SftpFileSystemAccessor {
        @Override
        public SeekableByteChannel openFile(
                SftpSubsystemProxy subsystem,
                FileHandle fileHandle,
                Path file,
                String handle,
                Set<? extends OpenOption> options,
                FileAttribute<?>... attributes)
                throws IOException {
            boolean appends =
                    options.contains(StandardOpenOption.CREATE)
                            && !options.contains(StandardOpenOption.TRUNCATE_EXISTING)
                            && Files.exists(file);
            if (isObject(file) && appends && hit(Fault.CUTS_AND_DOES_NOT_APPEND)) {
                throw new AccessDeniedException(file.toString());
            }
            SeekableByteChannel real =
                    SftpFileSystemAccessor.super.openFile(
                            subsystem, fileHandle, file, handle, options, attributes);
            return isObject(file) ? new Faulty(real, subsystem) : real;
        }

        @Override
        public void syncFileData(
                SftpSubsystemProxy subsystem,
                FileHandle fileHandle,
                Path file,
                String handle,
                Channel channel)
                throws IOException {
            if (!hit(Fault.DOES_NOT_SYNC)) {
                Channel real = channel instanceof Faulty faulty ? faulty.real : channel;
                SftpFileSystemAccessor.super.syncFileData(
                        subsystem, fileHandle, file, handle, real);
            }
        }

        @Override
        public void closeFile(
                SftpSubsystemProxy subsystem,
                FileHandle fileHandle,
                Path file,
                String handle,
                Channel channel,
                Set<? extends OpenOption> options)
                throws IOException {
            SftpFileSystemAccessor.super.closeFile(
                    subsystem, fileHandle, file, handle, channel, options);
            if (isObject(file) && hit(Fault.CUTS_AT_CLOSE)) {
                throw cut(subsystem);
            }
        }

        @Override
        public void renameFile(
                SftpSubsystemProxy subsystem,
                Path oldPath,
                Path newPath,
                Collection<CopyOption> options)
                throws IOException {
            SftpFileSystemAccessor.super.renameFile(subsystem, oldPath, newPath, options);
            if (isObject(oldPath) && hit(Fault.CHANGES_LATER)) {
                byte[] bytes = Files.readAllBytes(newPath);
                bytes[bytes.length / 2] ^= 1;
                Files.write(newPath, bytes);
            }
            if (isObject(oldPath) && hit(Fault.CUTS_AFTER_RENAME)) {
                throw cut(subsystem);
            }
        }
    }

    private final class Faulty implements SeekableByteChannel {
        private final SeekableByteChannel real;
        private final SftpSubsystemProxy subsystem;

        Faulty(SeekableByteChannel real, SftpSubsystemProxy subsystem) {
            this.real = real;
            this.subsystem = subsystem;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (position() >= KEPT && hit(Fault.STORES_LESS)) {
                int taken = from.remaining();
                from.position(from.limit());
                return taken;
            }
            if (hit(Fault.STORES_OTHER_BYTES)) {
                int last = from.limit() - 1;
                from.put(last, (byte) (from.get(last) ^ 1));
            }
            if (hit(Fault.QUOTA_EXCEEDED)) {
                throw new FileSystemException("Disk quota exceeded");
            }
            if (position() > CUT_AT && hits() == 0 && hit(Fault.CUTS_AND_DOES_NOT_APPEND)) {
                throw cut(subsystem);
            }
            if (hit(Fault.REVOKES_THE_KEY)) {
                refusing = true;
                throw cut(subsystem);
            }
            return real.write(from);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return real.read(into);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            real.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return real.isOpen();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }
}
