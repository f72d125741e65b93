package dev.caravan.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.target.Endpoint.Entry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// What a route of an endpoint gives as the list of its files, in one of two forms:
///
/// - a JSON array of objects with `name` and `size`, and if they are there `type` (what is a
///   `directory` is left out) and `mtime` (RFC 9110 or RFC 3339), as nginx gives with
///   `autoindex_format json`;
/// - the `multistatus` of WebDAV (RFC 4918 section 14.16), with `getcontentlength` and
///   `getlastmodified`; what is a `collection` is left out.
final class EndpointListing {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DAV = "DAV:";

    private EndpointListing() {}

    /// @throws IOException if it is neither
    static List<Entry> read(byte[] text) throws IOException {
        int first = 0;
        while (first < text.length && text[first] <= ' ' && text[first] >= 0) {
            first++;
        }
        return first < text.length && text[first] == '<' ? webDav(text) : json(text);
    }

    private static List<Entry> json(byte[] text) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException neither) {
            throw new IOException("its list is neither JSON nor WebDAV's multistatus", neither);
        }
        if (!root.isArray()) {
            throw new IOException("its list is no JSON array");
        }
        List<Entry> entries = new ArrayList<>(root.size());
        for (JsonNode one : root) {
            if (one.path("type").asText().equals("directory")) {
                continue;
            }
            if (!one.path("name").isTextual() || !one.path("size").canConvertToLong()) {
                throw new IOException("its list has an entry without 'name' and 'size'");
            }
            entries.add(
                    new Entry(
                            one.get("name").asText(),
                            one.get("size").asLong(),
                            time(one.path("mtime").asText())));
        }
        return entries;
    }

    private static Instant time(String text) {
        try {
            return text.indexOf(',') > 0
                    ? DateTimeFormatter.RFC_1123_DATE_TIME
                            .withLocale(Locale.ROOT)
                            .parse(text, Instant::from)
                    : Instant.parse(text);
        } catch (DateTimeException notSaid) {
            return Instant.EPOCH;
        }
    }

    private static List<Entry> webDav(byte[] text) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(text));
            List<Entry> entries = new ArrayList<>();
            Response response = new Response();
            while (xml.hasNext()) {
                int event = xml.next();
                if (event == XMLStreamReader.START_ELEMENT && DAV.equals(xml.getNamespaceURI())) {
                    response = response.with(xml);
                } else if (event == XMLStreamReader.END_ELEMENT
                        && xml.getLocalName().equals("response")
                        && DAV.equals(xml.getNamespaceURI())) {
                    Entry entry = response.entry();
                    if (entry != null) {
                        entries.add(entry);
                    }
                }
            }
            return entries;
        } catch (XMLStreamException broken) {
            throw new IOException(
                    "its list is not WebDAV's multistatus: " + broken.getMessage(), broken);
        }
    }

    /// What was read of a `response` up to now.
    private record Response(
            @Nullable String href, long bytes, Instant modified, boolean collection) {
        Response() {
            this(null, -1, Instant.EPOCH, false);
        }

        Response with(XMLStreamReader xml) throws XMLStreamException {
            return switch (xml.getLocalName()) {
                case "response" -> new Response();
                case "href" -> new Response(xml.getElementText(), bytes, modified, collection);
                case "getcontentlength" ->
                        new Response(href, number(xml.getElementText()), modified, collection);
                case "getlastmodified" ->
                        new Response(href, bytes, time(xml.getElementText()), collection);
                case "collection" -> new Response(href, bytes, modified, true);
                default -> this;
            };
        }

        private static long number(String text) throws XMLStreamException {
            try {
                return text.isBlank() ? -1 : Long.parseLong(text.strip());
            } catch (NumberFormatException notOne) {
                throw new XMLStreamException("getcontentlength '" + text + "'", notOne);
            }
        }

        @Nullable Entry entry() {
            if (collection || href == null || bytes < 0) {
                return null;
            }
            String last = href.strip().substring(href.strip().lastIndexOf('/') + 1);
            return new Entry(
                    URLDecoder.decode(last.replace("+", "%2B"), StandardCharsets.UTF_8),
                    bytes,
                    modified);
        }
    }
}
