import dev.caravan.tape.TapeComponent;
import dev.caravan.tape.TapeConstants;
import dev.caravan.tape.TapeLibrary;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/// A Camel application that knows of Caravan nothing but the jar of the tape component.
public final class PlainTapeApplication {
    private PlainTapeApplication() {}

    public static void main(String[] args) throws Exception {
        System.out.println("ours: " + ours());
        Path tapes = Path.of(args[0]);
        TapeLibrary.create(tapes, 2, 3 << 20).close();
        byte[] body = new byte[2_000_000];
        new Random(7).nextBytes(body);
        try (CamelContext context = new DefaultCamelContext()) {
            context.getComponent("tape", TapeComponent.class).setLibrary(tapes.toString());
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:archive").routeId("archive").to("tape:weekly?blockSize=65536");
                    from("direct:fetch").routeId("fetch").to("tape:weekly?operation=fetch");
                }
            });
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            for (int i = 0; i < 2; i++) { // the second spans to the next cartridge
                Exchange written =
                        template.send(
                                "direct:archive",
                                e -> e.getMessage().setBody(new ByteArrayInputStream(body)));
                if (written.getException() != null) {
                    throw written.getException();
                }
                Map<String, Object> headers = written.getMessage().getHeaders();
                System.out.println("written: " + headers.get(TapeConstants.VOLUME));
                try (InputStream in =
                        template.requestBodyAndHeaders(
                                "direct:fetch", null, headers, InputStream.class)) {
                    System.out.println("the same: " + Arrays.equals(in.readAllBytes(), body));
                }
            }
            System.out.println(
                    "tape files: " + context.getComponent("tape", TapeComponent.class).getTapeFiles());
        }
    }

    /// The packages of `dev.caravan` on the class path, three levels deep.
    private static TreeSet<String> ours() throws Exception {
        TreeSet<String> packages = new TreeSet<>();
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!jar.endsWith(".jar")) {
                continue;
            }
            try (JarFile file = new JarFile(jar)) {
                file.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith("dev/caravan/") && name.endsWith(".class"))
                        .forEach(name -> packages.add(String.join(".", Arrays.copyOf(name.split("/"), 3))));
            }
        }
        return packages;
    }
}
