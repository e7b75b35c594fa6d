package dev.soleinit.os;

import dev.soleinit.os.Kernel.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Users and groups as a container sees them: /etc/passwd and /etc/group, nothing from a network.
 * Numbers need no entry. Sources: passwd(5), group(5).
 */
public final class UserDatabase {
    private static final Path PASSWD = Path.of("/etc/passwd");
    private static final Path GROUP = Path.of("/etc/group");

    private UserDatabase() {}

    /** {@code user}, {@code uid}, {@code user:group} or {@code uid:gid}. */
    public static Identity lookup(String text) {
        String[] parts = text.split(":", 2);
        Optional<String[]> user = row(PASSWD, 4, row -> row[0].equals(parts[0])
                || row[2].equals(parts[0]));
        int uid = user.map(row -> Integer.parseInt(row[2]))
                .or(() -> number(parts[0])).orElseThrow(() -> unknown("user", parts[0], PASSWD));
        int gid = parts.length == 2 ? group(parts[1])
                : user.map(row -> Integer.parseInt(row[3])).orElse(uid);
        List<Integer> groups = new ArrayList<>(List.of(gid));
        user.ifPresent(row -> groups.addAll(memberships(row[0], gid)));
        return new Identity(uid, gid, List.copyOf(groups));
    }

    /**
     * What a login sets, as systemd does for User=. A number without an entry has its number for a
     * name and / for a home, as under Docker; a shell that lets nobody in is none.
     */
    static Map<String, Optional<String>> variables(String text) {
        String name = text.split(":", 2)[0];
        Optional<String[]> user = row(PASSWD, 7, row -> row[0].equals(name) || row[2].equals(name));
        Optional<String> known = Optional.of(user.map(row -> row[0]).orElse(name));
        Map<String, Optional<String>> variables = new LinkedHashMap<>();
        variables.put("HOME", Optional.of(user.map(row -> row[5])
                .filter(home -> home.startsWith("/")).orElse("/")));
        variables.put("USER", known);
        variables.put("LOGNAME", known);
        variables.put("SHELL", user.map(row -> row[6]).filter(shell -> shell.startsWith("/")
                && !shell.endsWith("/nologin") && !shell.endsWith("/false")));
        return variables;
    }

    private static int group(String text) {
        return row(GROUP, 3, row -> row[0].equals(text) || row[2].equals(text))
                .map(row -> Integer.parseInt(row[2])).or(() -> number(text))
                .orElseThrow(() -> unknown("group", text, GROUP));
    }

    private static List<Integer> memberships(String user, int own) {
        return rows(GROUP, 4).stream()
                .filter(row -> List.of(row[3].split(",")).contains(user))
                .map(row -> Integer.parseInt(row[2])).filter(gid -> gid != own).toList();
    }

    private static Optional<String[]> row(Path file, int fields, Predicate<String[]> wanted) {
        return rows(file, fields).stream().filter(wanted).findFirst();
    }

    private static List<String[]> rows(Path file, int fields) {
        try {
            return Files.readAllLines(file).stream().map(line -> line.split(":", -1))
                    .filter(row -> row.length >= fields && number(row[2]).isPresent()).toList();
        } catch (IOException absent) {
            return List.of();
        }
    }

    private static Optional<Integer> number(String text) {
        return text.matches("[0-9]{1,9}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    private static IllegalArgumentException unknown(String what, String name, Path file) {
        return new IllegalArgumentException("Cannot find the " + what + " '" + name + "' in "
                + file + "; add it or give a number");
    }
}
