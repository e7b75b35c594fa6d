package dev.soleinit.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;

/** What the image has in it, built on Debian: another JDK and another C library than on this machine. */
class ImageContentsIT extends ImageSupport {
    private static final long MAX_BYTES = 66_000_000;
    private static final String SIZE = "find /opt/soleinit -type f -printf '%s\\n' "
            + "| awk '{ sum += $1 } END { printf \"%d\", sum }'";
    private static final String DEBUG = "find /opt/soleinit -name '*.debuginfo'";

    @Test
    void theFolderIsSmallAndHasNoDebuginfo() {
        try (NodeContainer node = run("sleep", "1000")) {
            long bytes = Long.parseLong(node.shell(SIZE));
            assertTrue(bytes > 10_000_000 && bytes < MAX_BYTES, bytes + " bytes");
            assertEquals("", node.shell(DEBUG));
            node.shell("head -c 20000000 /dev/zero > /opt/soleinit/runtime/lib/libjvm.debuginfo");
            assertTrue(Long.parseLong(node.shell(SIZE)) > MAX_BYTES, "the control");
            assertEquals("/opt/soleinit/runtime/lib/libjvm.debuginfo", node.shell(DEBUG), "the control");
        }
    }

    @Test
    void theBillNamesDebiansPackagesAndJdk() throws JsonException {
        try (NodeContainer node = run("sleep", "1000")) {
            Map<?, ?> bill = (Map<?, ?>) Json.parse(node.shell("cat /opt/soleinit/sbom.cdx.json"));
            List<String> purls = ((List<?>) bill.get("components")).stream()
                    .map(component -> ((Map<?, ?>) component).get("purl").toString()).toList();
            for (String part : List.of("pkg:deb/debian/libc6@2.", "pkg:deb/debian/libstdc%2B%2B6@",
                    "pkg:deb/debian/libgcc-s1@", "pkg:deb/debian/zlib1g@", "pkg:deb/debian/musl-dev@",
                    "pkg:deb/debian/openjdk-25-jre-headless@", "pkg:generic/openjdk@25.",
                    "pkg:maven/com.fasterxml.jackson.core/jackson-core@")) {
                assertTrue(purls.stream().anyMatch(purl -> purl.startsWith(part)), part + " in " + purls);
            }
            assertEquals(node.shell("dpkg-query -W -f '${Version}' libc6"),
                    node.shell("sed -n 's/^Version: //p' /opt/soleinit/dpkg/status.d/soleinit-libc6"));
            node.shell("cd /opt/soleinit/licenses && test -s glibc && test -s zlib && test -s musl "
                    + "&& test -s common/LGPL-2.1 && test -s common/GPL-3 && ls gcc-1*");
            node.shell("test -s /opt/soleinit/runtime/legal/java.base/LICENSE");
        }
    }

    /** Scanners read status.d beside status; dpkg must not stumble over it. */
    @Test
    void dpkgWorksBesideTheEntriesForScanners() {
        try (NodeContainer node = run("sleep", "1000")) {
            assertEquals(node.shell("ls /opt/soleinit/dpkg/status.d"),
                    node.shell("ls /var/lib/dpkg/status.d"));
            assertEquals("", node.shell("dpkg --audit"));
            assertEquals("1", node.shell("dpkg-query -W libc6 | wc -l"));
            ExecResult query = node.exec("dpkg-query", "-W", "musl-dev");
            assertEquals(1, query.getExitCode(), "only for scanners: " + query);
        }
    }

    @Test
    void theImageIsLabelled() {
        Map<String, String> labels = DockerClientFactory.instance().client().inspectImageCmd(IMAGE).exec()
                .getConfig().getLabels();
        for (String label : List.of("title", "description", "version", "revision", "source", "created",
                "licenses")) {
            assertTrue(labels != null && labels.containsKey("org.opencontainers.image." + label),
                    label + " in " + labels);
        }
        String prefix = "org.opencontainers.image.";
        assertTrue(labels.get(prefix + "version").matches("\\d+\\.\\d+\\.\\d+.*"), labels.toString());
        assertTrue(labels.get(prefix + "licenses").contains("LGPL-2.1-or-later"), labels.toString());
    }
}
