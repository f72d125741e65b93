package dev.caravan.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// A line to a server on loopback that is cut after so many bytes, and is there again at once.
final class CuttingLine implements AutoCloseable {
    private final ServerSocket listening;
    private final int server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong passed = new AtomicLong();
    private final AtomicLong cutAt = new AtomicLong(Long.MAX_VALUE);
    private volatile Runnable whenCut = () -> {};

    CuttingLine(int server) throws IOException {
        this.server = server;
        this.listening = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /// How many bytes went to the server.
    long sent() {
        return sent.get();
    }

    /// Cuts all connections once so many bytes more have gone one way or the other.
    void cutAfter(long bytes, Runnable then) {
        whenCut = then;
        cutAt.set(passed.get() + bytes);
    }

    /// Cuts all connections once so many bytes more have gone one way or the other, for good.
    void endAfter(long bytes) {
        cutAfter(
                bytes,
                () -> {
                    try {
                        listening.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket to = new Socket(InetAddress.ofLiteral("127.0.0.1"), server);
                open.add(client);
                open.add(to);
                Thread.ofVirtual().start(() -> pass(client, to, true));
                Thread.ofVirtual().start(() -> pass(to, client, false));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void pass(Socket from, Socket to, boolean toServer) {
        byte[] buffer = new byte[32 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
                if (toServer) {
                    sent.addAndGet(count);
                }
                if (passed.addAndGet(count) >= cutAt.get()) {
                    cut();
                }
            }
        } catch (IOException gone) {
            // whoever is at the other end sees it
        }
    }

    private synchronized void cut() throws IOException {
        if (cutAt.getAndSet(Long.MAX_VALUE) == Long.MAX_VALUE) {
            return; // another connection was faster
        }
        for (Socket each : Set.copyOf(open)) {
            each.close();
        }
        open.clear();
        whenCut.run();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
