package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.target.Endpoint.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointListingTest {
    private static final Instant TIME = Instant.parse("2026-11-25T16:22:44Z");

    private static List<Entry> read(String text) throws IOException {
        return EndpointListing.read(text.getBytes(StandardCharsets.UTF_8));
    }

    /// As nginx 1.22 gives it.
    @Test
    void aFolderAsNginxListsIt() throws IOException {
        assertThat(
                        read(
                                """
                                [
                                { "name":"sub", "type":"directory", "mtime":"Wed, 25 Nov 2026 16:22:40 GMT" },
                                { "name":"a-1", "type":"file", "mtime":"Wed, 25 Nov 2026 16:22:44 GMT", "size":5000000000 },
                                { "name":"\\"q\\u00e4", "type":"file", "size":0 }
                                ]\
                                """))
                .containsExactly(
                        new Entry("a-1", 5_000_000_000L, TIME),
                        new Entry("\"q\u00e4", 0, Instant.EPOCH));
        assertThat(read("[]")).isEmpty();
        assertThat(read("[{\"name\":\"a\",\"size\":1,\"mtime\":\"2026-11-25T16:22:44Z\"}]"))
                .containsExactly(new Entry("a", 1, TIME));
    }

    /// The form of RFC 4918, with another prefix.
    @Test
    void webDav() throws IOException {
        assertThat(
                        read(
                                """
                                <?xml version="1.0" encoding="utf-8" ?>
                                <d:multistatus xmlns:d="DAV:">
                                  <d:response><d:href>/c/</d:href><d:propstat><d:prop>
                                    <d:resourcetype><d:collection/></d:resourcetype>
                                  </d:prop></d:propstat></d:response>
                                  <d:response><d:href>https://h/c/a%2Bb+c</d:href><d:propstat><d:prop>
                                    <d:getcontentlength>12</d:getcontentlength><d:resourcetype/>
                                    <d:getlastmodified>Wed, 25 Nov 2026 16:22:44 GMT</d:getlastmodified>
                                  </d:prop></d:propstat></d:response>
                                </d:multistatus>\
                                """))
                .containsExactly(new Entry("a+b+c", 12, TIME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "a page",
                "<html><p>not</html>",
                "[{\"name\":\"a\"}]",
                "[{\"size\":1}]",
                "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><d:multistatus xmlns:d=\"DAV:\"><d:response><d:href>&x;</d:href><d:getcontentlength>1</d:getcontentlength></d:response></d:multistatus>",
            })
    void whatIsNoListIsNotTakenForAnEmptyOne(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
    }
}
