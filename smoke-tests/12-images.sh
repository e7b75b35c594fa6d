#!/usr/bin/env bash
# The folder in any image: old and new glibc, musl, and one with nothing but the daemon.
#   TRIES=200 smoke-tests/12-images.sh     more early signals than the 20 of each image
#   IMAGES="musl scratch" ...              only these
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/../docker/engine.sh"
. "$HERE/lib.sh"
. "$HERE/images.sh"
phase "any image"

SOLEINIT=/opt/soleinit
DAEMON=/testdaemon
# what the launcher starts java by: the folder's own loader on the folder's own C library
LOADER=$SOLEINIT/runtime/bin/soleinit
BUNDLED=(--inhibit-cache --library-path "$SOLEINIT/lib/c" "$SOLEINIT/runtime/bin/java")
MAX_BYTES=66000000

HOSTILE=(
    'JAVA_TOOL_OPTIONS=-XX:+UseG1GC -javaagent:/nope.jar' 'JDK_JAVA_OPTIONS=-XX:+NoSuchOption'
    '_JAVA_OPTIONS=-Xmx1k' CLASSPATH=/nope LD_LIBRARY_PATH=/nope LD_PRELOAD=/nope.so LD_BIND_NOW=1
    LD_DEBUG=help GLIBC_TUNABLES=glibc.malloc.check=3 MALLOC_ARENA_MAX=1 MALLOC_PERTURB_=7
    LANG=xx_YY.BAD LC_ALL=xx_YY.BAD TZ=No/Where TMPDIR=/nope HOME=/nope
)
ODD=(-e discovery.type=single-node -e with-dash=1 -e 'bytes=\xff\xfe\x80' -e 'pä=ü' -e empty=
    -e 'lines=one\x0atwo')
ARGUMENTS=('\xff' pä '' 'two words' 'two\x0alines' '\xf0\x9f\x90\xb3' --stop-timeout '*' '$HOME')
# what the README says a daemon finds in addition
ADDED='^(DAEMON_(SUPERVISOR|GENERATION|RUN_DIR|STATE_DIR|TOKEN|DRAIN_TIMEOUT)|INVOCATION_ID|NOTIFY_SOCKET)='

READY=(--ready notify -- "$DAEMON" serve -n -c 7)

# start WHAT ...: as start_node, with the container in ID; a check if that fails
start() {
    local what=$1
    shift
    ID=$(start_node "$@" 2>"$SCRATCH/why") && return
    not_ok "$NAME: it starts $what" "$(tail -n 20 "$SCRATCH/why")"
    return 1
}

processes() { docker exec "$1" "$DAEMON" processes; }
has_shell() { docker run --rm --entrypoint /bin/sh "$IMAGE" -c true >/dev/null 2>&1; }

# said ID WHO WHAT: without the first two words
said() { docker logs "$1" 2>/dev/null | sed -n "s/^$2 $3 //p"; }

# ---- what the daemon gets

same_arguments() {
    same "arguments" "$(said "$1" given argument | sed '1,/^--$/d')" "$(said "$1" got argument)"
}
same_variables() {
    same "environment" "$(said "$1" given variable | grep -vE "$ADDED" | sort)" \
        "$(said "$1" got variable | grep -vE "$ADDED" | sort)"
}
same_state() {
    local what
    for what in status limits coredump_filter oom_score_adj nice directory descriptor; do
        same "$what" "$(said "$1" given "$what")" "$(said "$1" got "$what")" || return
    done
}
# the variable that is there twice, and the one that is none, are the daemon's business
unobeyed() {
    local log
    log=$(docker logs "$1" 2>&1 >/dev/null)
    lacks "log" "Picked up" "$log" && lacks "log" "NOTE:" "$log" && lacks "log" "locale" "$log" &&
        lacks "log" "/nope" "$log"
}
status_works() {
    local text
    text=$(docker exec "$1" daemon status 2>&1) || { echo "exit code $?: $text"; return 1; }
    has "status" ready "$text" && lacks "status" "Picked up" "$text"
}

check_bytes() {
    local id options=() variable
    for variable in "${HOSTILE[@]}"; do options+=(-e "$variable"); done
    start "with hostile variables" "${options[@]}" --entrypoint "$DAEMON" -- bytes -s "${ODD[@]}" -- \
        "$SOLEINIT/bin/entrypoint" "${READY[@]}" -- "${ARGUMENTS[@]}" || return
    id=$ID
    holds "$NAME: it starts with hostile variables, and none is obeyed" unobeyed "$id"
    holds "$NAME: daemon status works among them" status_works "$id"
    holds "$NAME: arguments arrive byte for byte" same_arguments "$id"
    holds "$NAME: so does the environment, and nothing else" same_variables "$id"
    holds "$NAME: limits, umask, niceness, capabilities, descriptors are as without a supervisor" \
        same_state "$id"
}

# ---- a life

got_signals() {
    local signal
    for signal in HUP USR1 USR2 WINCH RTMIN RTMIN+1; do docker kill -s "$signal" "$1" >/dev/null; done
    within 3 has "signals" "HUP USR1 USR2 WINCH 34 35" "$(docker logs "$1" 2>/dev/null |
        sed -n 's/^signal //p' | sort -u | sed 's/^\([0-9]\)/~\1/' | sort | tr -d '~' | xargs)"
}
no_zombies() {
    local all
    all=$(processes "$1") || return
    same "zombies" "" "$(awk '$3 == "Z"' <<<"$all")" &&
        same "children of PID 1" 1 "$(awk '$2 == 1' <<<"$all" | wc -l)"
}
reaps() {
    local before
    before=$(status "$1" .orphansReaped)
    docker exec "$1" "$DAEMON" orphans 50 1 || return
    same "adopted" 50 "$(($(processes "$1" | awk '$2 == 1' | wc -l) - 1))" || return
    within 5 no_zombies "$1" || return
    same "reaped" $((before + 50)) "$(status "$1" .orphansReaped)"
}
answers() {
    local pid
    pid=$(status "$1" .pid)
    same "answer" "pid $pid, LISTEN_PID $pid, LISTEN_FDS 1" \
        "$(timeout 5 bash -c 'cat <"/dev/tcp/$1/8080"' bash "$(address "$1")")"
}
restarts() {
    docker exec "$1" daemon restart >/dev/null && same generation 2 "$(status "$1" .generation)"
}
health_is() {
    docker exec "$1" daemon status --ready
    same "exit code of the health check" "$2" $?
}
holds_and_releases() {
    docker exec "$1" daemon stop && health_is "$1" 1 && docker exec "$1" daemon start &&
        health_is "$1" 0
}
# stops ID CODE
stops() {
    local before
    before=$(millis)
    docker stop -t 10 "$1" >/dev/null
    same "exit code" "$2" "$(exit_code "$1")" || return
    [ $(($(millis) - before)) -lt 3000 ] || { echo "it took $(($(millis) - before)) ms"; return 1; }
}

check_life() {
    local id
    start "with a kept socket" -- --listen tcp:0.0.0.0:8080 "${READY[@]}" || return
    id=$ID
    holds "$NAME: daemon status works" status_works "$id"
    holds "$NAME: every signal is forwarded" got_signals "$id"
    holds "$NAME: orphans are adopted and reaped" reaps "$id"
    holds "$NAME: a kept socket answers, LISTEN_PID is the daemon's own" answers "$id"
    holds "$NAME: daemon start spawns no second daemon" has "answer" "already running" \
        "$(docker exec "$id" daemon start 2>&1)"
    holds "$NAME: it restarts" restarts "$id"
    holds "$NAME: and the kept socket answers again" answers "$id"
    holds "$NAME: the health check says 0 when ready, 1 when held" holds_and_releases "$id"
    holds "$NAME: docker stop ends it with the daemon's code" stops "$id" 7
}

# ---- other users

# is_user ID UID GID GROUPS
is_user() {
    local status
    status=$(said "$1" got status)
    has "user" "Uid:\\x09$2\\x09$2\\x09$2\\x09$2" "$status" &&
        has "group" "Gid:\\x09$3\\x09$3\\x09$3\\x09$3" "$status" &&
        has "groups" "Groups:\\x09$4" "$status"
}
is_alice() {
    is_user "$1" 1235 1236 "1236 1240" || return
    same "variables" "HOME=/srv/alice LOGNAME=alice SHELL=/bin/sh USER=alice" \
        "$(said "$1" got variable | grep -E '^(HOME|LOGNAME|SHELL|USER)=' | sort | xargs)"
}

check_users() {
    start "with --user 1234:1234" -- --user 1234:1234 "${READY[@]}" &&
        holds "$NAME: --user with numbers" is_user "$ID" 1234 1234
    if [ "$NAME" != scratch ]; then
        start "with --user alice" -- --user alice "${READY[@]}" &&
            holds "$NAME: --user with a name, HOME and the like from the image" is_alice "$ID"
    fi
    start "read-only, without root and capabilities" --read-only --user 1234:1234 --cap-drop ALL \
        --security-opt no-new-privileges --tmpfs /run/daemon:mode=1777 \
        --tmpfs /var/lib/daemon:mode=1777 -- "${READY[@]}" &&
        holds "$NAME: read-only, without root and capabilities it stops, too" stops "$ID" 7
}

# ---- commands

COMMANDS=(--watch "$DAEMON" --check true --live 'exec true')

names_the_shell() { has "log" /bin/sh "$(docker logs "$1" 2>&1 >/dev/null)"; }

check_commands() {
    local own=(sleep 1000)
    start "with commands" -- "${COMMANDS[@]}" "${READY[@]}" || return
    if ! has_shell; then
        holds "$NAME: there is no shell, and commands say so at boot" names_the_shell "$ID"
        holds "$NAME: the daemon runs all the same" health_is "$ID" 0
        return
    fi
    breaks "$NAME: there is a shell, nobody misses it" "expected '/bin/sh'" names_the_shell "$ID"
    [ "$NAME" = musl ] && own=(/usr/bin/dynamic serve)
    start "with a command for readiness" -- --ready "exec test -x $DAEMON" -- "${own[@]}" &&
        holds "$NAME: commands run by its shell, the daemon by its own loader" health_is "$ID" 0
}

# ---- the first milliseconds

# ROOT is the image's file system; nothing of Docker's is between the exec and the signal

# ends_early TRIES FROM_US TO_US COMMAND...: none lost
ends_early() {
    local tries=$1 lines
    lines=$("$SCRATCH/signal-after-exec" -t "${PATIENCE-10}" "$ROOT" "$@" 2>"$SCRATCH/early") ||
        { cat "$SCRATCH/early"; return 1; }
    same "tries" "$tries" "$(wc -l <<<"$lines")" || return
    same "others than the daemon's code or 143" "" \
        "$(grep -vE ' ended (7|143)$' <<<"$lines" | xargs)$(grep -m 1 -i panic "$SCRATCH/early")"
}

check_early() {
    holds "$NAME: TERM 0.5 to 60 ms after exec: of ${TRIES:-20} none lost" ends_early \
        "${TRIES:-20}" 500 60000 "$SOLEINIT/bin/entrypoint" -- "$DAEMON" serve -c 7
}

# ---- the folder

folder_is_small() {
    local bytes
    bytes=$(find "$ROOT$SOLEINIT" -type f -printf '%s\n' | awk '{ all += $1 } END { print all }')
    [ "$bytes" -gt 1000000 ] && [ "$bytes" -lt "$MAX_BYTES" ] || { echo "$bytes bytes"; return 1; }
    same "debug information" "" "$(find "$ROOT" -path '*soleinit*' -name '*.debuginfo')"
}

# ---- what it costs to ask, where there is next to nothing

# median_ms COMMAND...
median_ms() {
    local i before
    for i in 1 2 3 4 5; do
        before=$(millis)
        "$@" >/dev/null 2>&1 || return
        echo $(($(millis) - before))
    done | sort -n | sed -n 3p
}
cheap() {
    local bare check
    bare=$(median_ms docker exec "$1" "$DAEMON" true) &&
        check=$(median_ms docker exec "$1" daemon status --ready) || return
    echo "at 48 MiB and 0.05 CPUs: docker exec ${bare} ms, with the health check ${check} ms" |
        tee "$SCRATCH/cheap"
    [ -n "$check" ] && [ "$check" -lt $((bare + 500)) ]
}
check_limits() {
    start "to be asked" -- "${READY[@]}" || return
    docker update --cpus 0.05 --memory 48m --memory-swap 48m "$ID" >/dev/null
    holds "$NAME: at 0.05 CPUs the health check takes no half second more than nothing" cheap "$ID"
    cat "$SCRATCH/cheap"
}

# ---- controls

by_hand() { docker run --rm --entrypoint "$LOADER" "$@"; }
own_loader() { docker run --rm --entrypoint "$SOLEINIT/runtime/bin/java" "$IMAGE" -version; }
deaf() {
    PATIENCE=3 ends_early 3 20000 20000 "$LOADER" "${BUNDLED[@]}" "@$SOLEINIT/lib/jvm.options" \
        -Djffi.boot.library.path="$SOLEINIT/lib/native" -XX:AOTCache="$SOLEINIT/lib/soleinit.aot" \
        -Dsoleinit.home="$SOLEINIT" -cp "$SOLEINIT/lib/soleinit.jar" dev.soleinit.Main \
        supervise -- "$DAEMON" serve -c 7
}

check_controls() {
    case $NAME in
        trixie)
            holds "java starts by hand, by the bundled loader" by_hand "$IMAGE" "${BUNDLED[@]}" -version
            breaks "but obeys a variable that is meant for the daemon" /nope.jar by_hand \
                -e JAVA_TOOL_OPTIONS=-javaagent:/nope.jar "$IMAGE" "${BUNDLED[@]}" -version
            breaks "and is deaf, without blocked signals" lost deaf ;;
        bullseye) breaks "bullseye: java by the image's own loader" GLIBC_ own_loader ;;
        musl) breaks "musl: java by the image's own loader" "no such file" own_loader ;;
        scratch) check_limits ;;
    esac
}

if ! ensure_images; then not_ok "the images can be made"; exit 1; fi
tools=$(docker create soleinit-test/tools none) && echo "$tools" >>"$SCRATCH/containers" &&
    docker cp -q "$tools:/signal-after-exec" "$SCRATCH/" || exit
for NAME in ${IMAGES:-trixie bookworm bullseye musl scratch}; do
    IMAGE=$(make_test_image "$NAME") || { not_ok "$NAME: takes the folder"; continue; }
    ROOT=$SCRATCH/$NAME
    export_root "$IMAGE" "$ROOT" || { not_ok "$NAME: its files can be read"; continue; }
    check_bytes
    check_life
    check_users
    check_commands
    check_early
    holds "$NAME: the folder is smaller than $((MAX_BYTES / 1000000)) MB, without debug information" folder_is_small
    check_controls
    rm -rf --one-file-system "$ROOT"
done
