package dev.caravan.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Passes TCP connections on and resets all of them once as many bytes as allowed have come back
/// from the server.
public final class CuttingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int to;
    private final AtomicLong allowed = new AtomicLong(Long.MAX_VALUE);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    public CuttingProxy(int to) throws IOException {
        this.to = to;
        this.listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public void cutAfter(long bytes) {
        allowed.set(bytes);
    }

    /// Cuts the connections there are; others may be made.
    public void cutNow() throws IOException {
        for (Socket each : open) {
            each.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket("127.0.0.1", to);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().start(() -> pass(client, server, false));
                Thread.ofVirtual().start(() -> pass(server, client, true));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void pass(Socket from, Socket into, boolean counted) {
        try (from;
                into) {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (counted && allowed.addAndGet(-n) < 0) {
                    from.setSoLinger(true, 0);
                    into.setSoLinger(true, 0);
                    return;
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException ended) {
            // one side has gone, the other follows
        } finally {
            open.remove(from);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
