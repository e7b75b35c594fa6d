#!/usr/bin/env bash
# K. The folder in an image that has nothing but the C library: no shell, no coreutils.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "K: an image without a shell"

JAVA=/opt/soleinit/runtime/bin/java
OPTIONS=@/opt/soleinit/lib/no-shell.options

# the libraries of the JVM and of the one program, found by the linker's own list
build=$(make_image 'RUN mkdir -p /bare/bin /bare/run/daemon /bare/var/lib/daemon /bare/tmp \
    && { ldd /usr/bin/sleep; find /opt/soleinit -name "*.so" -exec ldd {} \; ; } \
        | grep -o "/[^ ]*" | grep "^/lib\|^/usr/lib" | sort -u | xargs -I{} cp --parents -L {} /bare \
    && cp /usr/bin/sleep /bare/bin/ && cp -a --parents /opt/soleinit /bare') || exit
IMAGE=$(printf '%s\n' "FROM $build AS build" 'FROM scratch' 'COPY --from=build /bare /' \
    'ENV DAEMON_SUPERVISOR=container' "ENTRYPOINT [\"$JAVA\", \"$OPTIONS\", \"supervise\"]" \
    'CMD ["--", "/bin/sleep", "1000"]' | docker build -q -) || exit

ask() { docker exec "$1" $JAVA $OPTIONS "${@:2}"; }
no_shell() { ! docker exec "$1" /bin/sh -c true 2>/dev/null; }
restarts() { ask "$1" restart >/dev/null && same generation 2 "$(ask "$1" status --json | jq .generation)"; }
stops() {
    docker stop -t 10 "$1" >/dev/null
    same "exit code" 143 "$(exit_code "$1")"
}

bare=$(run_node) || exit
holds "there is no shell" no_shell "$bare"
holds "the daemon runs" within 10 ask "$bare" status --ready
holds "daemon start does not spawn a second one" has "answer" "already running" "$(ask "$bare" start)"
holds "it restarts" restarts "$bare"
holds "docker stop reaches the daemon" stops "$bare"

breaks "the launcher, which is a script, does not start here" "no such file" \
    docker run --rm --entrypoint /opt/soleinit/bin/entrypoint "$IMAGE" -- /bin/sleep 1
