#!/usr/bin/env bash
# The folder works in any image: old and new glibc, musl, and one with nothing but the daemon.
#   TRIES=200 smoke-tests/12-images.sh     sends more early signals than 20 in each image
#   IMAGES="musl scratch" ...              tests only these
#   RUNTIME=soleinit/runtime ...           is the image that the folder is copied from
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/../docker/engine.sh"
. "$HERE/lib.sh"
. "$HERE/images.sh"
phase "any image"

SOLEINIT=/opt/soleinit
DAEMON=/testdaemon
# The launcher starts java by the folder's own loader on the folder's own C library.
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
    -e 'lines=one\x0atwo' -e twice=1 -e twice=2 -e none)
ARGUMENTS=('\xff' pä '' 'two words' 'two\x0alines' '\xf0\x9f\x90\xb3' --stop-timeout '*' '$HOME')
# The README documents these as what a daemon gets in addition.
ADDED='^(DAEMON_(SUPERVISOR|GENERATION|RUN_DIR|STATE_DIR|TOKEN|DRAIN_TIMEOUT)|INVOCATION_ID'
ADDED+='|NOTIFY_SOCKET)='

READY=(--ready notify -- "$DAEMON" serve -n -c 7)

# start HOW ...: as start_node, but sets ID; if that fails, it is a failed check
start() {
    local how=$1
    shift
    ID=$(start_node "$@" 2>"$SCRATCH/reason") && return
    not_ok "$NAME: it starts $how" "$(tail -n 20 "$SCRATCH/reason")"
    return 1
}

processes() { docker exec "$1" "$DAEMON" processes; }
has_shell() { docker run --rm --entrypoint /bin/sh "$IMAGE" -c true >/dev/null 2>&1; }

# printed ID given|got KIND: what the test daemon printed of that kind
printed() { docker logs "$1" 2>/dev/null | sed -n "s/^$2 $3 //p"; }

# ---- what the daemon gets

same_arguments() {
    same "arguments" "$(printed "$1" given argument | sed '1,/^--$/d')" \
        "$(printed "$1" got argument)"
}
# Few programs set such variables, but execve(2) takes them.
STRANGE='^(twice=.*|none)$'
same_variables() {
    same "environment" "$(printed "$1" given variable | grep -vE "$ADDED|$STRANGE" | sort)" \
        "$(printed "$1" got variable | grep -vE "$ADDED|$STRANGE" | sort)"
}
same_strange_variables() {
    same "strange ones" "twice=1 twice=2 none" \
        "$(printed "$1" got variable | grep -E "$STRANGE" | xargs)"
}
same_state() {
    local kind given
    for kind in status limits coredump_filter oom_score_adj nice directory descriptor; do
        given=$(printed "$1" given "$kind")
        [ -n "$given" ] || { echo "no $kind"; return 1; }
        same "$kind" "$given" "$(printed "$1" got "$kind")" || return
    done
}
ignores_hostile() {
    local log
    log=$(docker logs "$1" 2>&1 >/dev/null)
    lacks "log" "Picked up" "$log" && lacks "log" "LD_DEBUG" "$log" &&
        lacks "log" "locale" "$log" && lacks "log" "/nope" "$log"
}
status_works() {
    local text
    text=$(docker exec "$1" daemon status 2>&1) || { echo "exit code $?: $text"; return 1; }
    has "status" ready "$text" && lacks "status" "Picked up" "$text"
}

check_bytes() {
    local id options=() variable
    for variable in "${HOSTILE[@]}"; do options+=(-e "$variable"); done
    start "with hostile variables" "${options[@]}" --entrypoint "$DAEMON" -- \
        bytes -s "${ODD[@]}" -- "$SOLEINIT/bin/entrypoint" "${READY[@]}" -- "${ARGUMENTS[@]}" ||
        return
    id=$ID
    holds "$NAME: it starts with hostile variables and ignores them" ignores_hostile "$id"
    holds "$NAME: daemon status ignores them, too" status_works "$id"
    holds "$NAME: arguments arrive byte for byte" same_arguments "$id"
    holds "$NAME: so does the environment, with nothing added that is not documented" \
        same_variables "$id"
    holds "$NAME: also a variable that is there twice, and one without '='" \
        same_strange_variables "$id"
    holds "$NAME: limits, umask, niceness, capabilities and descriptors are as without soleinit" \
        same_state "$id"
    [ "$NAME" = trixie ] || return
    start "after a shell" --entrypoint "$DAEMON" -- bytes "${ODD[@]}" -- \
        /bin/sh -c 'exec "$@"' sh "$SOLEINIT/bin/entrypoint" "${READY[@]}" || return
    breaks "after a shell, variables are missing" "environment: expected" same_variables "$ID"
}

# ---- a life

signals_received() {
    same "signals" "34 35 HUP USR1 USR2 WINCH" \
        "$(docker logs "$1" 2>/dev/null | sed -n 's/^signal //p' | LC_ALL=C sort -u | xargs)"
}
forwards_signals() {
    local signal
    for signal in HUP USR1 USR2 WINCH RTMIN RTMIN+1; do
        docker kill -s "$signal" "$1" >/dev/null || return
    done
    within 3 signals_received "$1"
}
no_zombies() {
    local all
    all=$(processes "$1") || return
    same "zombies" "" "$(awk '$3 == "Z"' <<<"$all")" &&
        same "children of PID 1" 1 "$(awk '$2 == 1' <<<"$all" | wc -l)"
}
reaps_orphans() {
    local before
    before=$(status "$1" .orphansReaped)
    docker exec "$1" "$DAEMON" orphans 50 1 || return
    same "adopted" 50 "$(($(processes "$1" | awk '$2 == 1' | wc -l) - 1))" || return
    within 5 no_zombies "$1" || return
    same "reaped" $((before + 50)) "$(status "$1" .orphansReaped)"
}
kept_socket_answers() {
    local pid
    pid=$(status "$1" .pid)
    same "answer" "pid $pid, LISTEN_PID $pid, LISTEN_FDS 1" \
        "$(timeout 5 bash -c 'cat <"/dev/tcp/$1/8080"' bash "$(address "$1")")"
}
restarts() {
    docker exec "$1" daemon restart >/dev/null && same generation 2 "$(status "$1" .generation)"
}
health_check_exits() {
    docker exec "$1" daemon status --ready
    same "exit code of the health check" "$2" $?
}
health_check_follows_hold() {
    docker exec "$1" daemon stop && health_check_exits "$1" 1 && docker exec "$1" daemon start &&
        health_check_exits "$1" 0
}
# stops_with ID CODE
stops_with() {
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
    holds "$NAME: every signal is forwarded" forwards_signals "$id"
    holds "$NAME: orphans are adopted and reaped" reaps_orphans "$id"
    holds "$NAME: a kept socket answers, LISTEN_PID is the daemon's own" kept_socket_answers "$id"
    holds "$NAME: daemon start spawns no second daemon" has "answer" "already running" \
        "$(docker exec "$id" daemon start 2>&1)"
    holds "$NAME: it restarts" restarts "$id"
    holds "$NAME: and the kept socket answers again" kept_socket_answers "$id"
    holds "$NAME: the health check says 0 when ready, 1 when held" health_check_follows_hold "$id"
    holds "$NAME: docker stop ends it with the daemon's code" stops_with "$id" 7
}

# No locale of the image is needed for a path that is not ASCII.
finds_path() {
    has "log" 'given directory /p\xc3\xa4' "$(timeout 20 docker run --rm --tmpfs /pä "$IMAGE" \
        --chdir /pä --restart never -- "$DAEMON" bytes -- "$DAEMON" true 2>&1)"
}
# ends_with CODE COMMAND: at once, and prints one line about it
ends_with() {
    local log code=0
    log=$(timeout 20 docker run --rm "$IMAGE" -- "$2" 2>&1) || code=$?
    same "exit code" "$1" "$code" && same "lines" 1 "$(wc -l <<<"$log")" && has "line" "$2" "$log"
}
check_short_lives() {
    holds "$NAME: a path that is not ASCII is found" finds_path
    holds "$NAME: a command that does not exist ends it with 127 and one line" \
        ends_with 127 /not/there
    holds "$NAME: one that cannot be executed, with 126" ends_with 126 "$SOLEINIT/lib/soleinit.jar"
}

# ---- other users

# is_user ID UID GID GROUPS
is_user() {
    local status
    status=$(printed "$1" got status)
    has "user" "Uid:\\x09$2\\x09$2\\x09$2\\x09$2" "$status" &&
        has "group" "Gid:\\x09$3\\x09$3\\x09$3\\x09$3" "$status" &&
        has "groups" "Groups:\\x09$4" "$status"
}
is_alice() {
    is_user "$1" 1235 1236 "1236 1240" || return
    same "variables" "HOME=/srv/alice LOGNAME=alice SHELL=/bin/sh USER=alice" \
        "$(printed "$1" got variable | grep -E '^(HOME|LOGNAME|SHELL|USER)=' | sort | xargs)"
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
        holds "$NAME: read-only, without root and capabilities it stops, too" stops_with "$ID" 7
}

# ---- commands

COMMANDS=(--watch "$DAEMON" --check true --live 'exec true')

log_names_shell() { has "log" /bin/sh "$(docker logs "$1" 2>&1 >/dev/null)"; }

check_commands() {
    local own=(sleep 1000)
    start "with commands" -- "${COMMANDS[@]}" "${READY[@]}" || return
    if ! has_shell; then
        holds "$NAME: there is no shell, and the log says so at boot where a command needs one" \
            log_names_shell "$ID"
        holds "$NAME: the daemon runs all the same" health_check_exits "$ID" 0
        return
    fi
    breaks "$NAME: there is a shell, so the log does not name it" "expected '/bin/sh'" \
        log_names_shell "$ID"
    [ "$NAME" = musl ] && own=(/usr/bin/dynamic serve)
    start "with a command for readiness" -- --ready "exec test -x $DAEMON" -- "${own[@]}" &&
        holds "$NAME: its own shell runs commands, its own loader the daemon" \
            health_check_exits "$ID" 0
}

# ---- early signals

# loses_no_term TRIES FROM_US TO_US COMMAND...: in ROOT, the image's file system, without Docker
loses_no_term() {
    local tries=$1 lines
    lines=$("$SCRATCH/signal-after-exec" -t 60 "$ROOT" "$@" 2>"$SCRATCH/early") ||
        { cat "$SCRATCH/early"; return 1; }
    same "tries" "$tries" "$(wc -l <<<"$lines")" || return
    same "other ends than by the daemon's code or 143" "" \
        "$(grep -vE ' ended (7|143)$' <<<"$lines" | xargs)"
}

check_early_signals() {
    holds "$NAME: of ${TRIES:-20} TERM, 0.5 to 60 ms after exec, none is lost" loses_no_term \
        "${TRIES:-20}" 500 60000 "$SOLEINIT/bin/entrypoint" -- "$DAEMON" serve -c 7
}

# ---- the folder

folder_is_small() {
    local bytes
    bytes=$(find "$ROOT$SOLEINIT" -type f -printf '%s\n' | awk '{ all += $1 } END { print all }')
    [ "$bytes" -gt 1000000 ] && [ "$bytes" -lt "$MAX_BYTES" ] || { echo "$bytes bytes"; return 1; }
    same "debug information" "" "$(find "$ROOT" -path '*soleinit*' -name '*.debuginfo')"
}

# ---- the health check under a tight limit

# median_ms COMMAND...
median_ms() {
    local i before
    for i in 1 2 3; do
        before=$(millis)
        "$@" >/dev/null 2>&1 || { echo "no answer: $*" >&2; return 1; }
        echo $(($(millis) - before))
    done | sort -n | sed -n 2p
}
# costs_little ID ARG...: daemon ARG... takes no half second more than a program that does nothing
costs_little() {
    local bare took
    bare=$(median_ms docker exec "$1" "$DAEMON" true)
    [ -n "$bare" ] || { echo "nothing can be executed"; return 1; }
    took=$(median_ms docker exec "$1" daemon "${@:2}")
    echo "at 48 MiB and 0.05 CPUs: docker exec $bare ms, with daemon ${*:2} ${took:-?} ms" |
        tee "$SCRATCH/cost"
    [ "${took:-999999}" -lt $((bare + 500)) ]
}
check_limits() {
    start "without limits" -- "${READY[@]}" || return
    docker update --cpus 0.05 --memory 48m --memory-swap 48m "$ID" >/dev/null
    holds "$NAME: at 0.05 CPUs the health check adds less than half a second" \
        costs_little "$ID" status --ready
    cat "$SCRATCH/cost"
    breaks "$NAME: a JVM adds more, or is killed" "with daemon version" costs_little "$ID" version
    cat "$SCRATCH/cost"
    holds "$NAME: the daemon is ready all the same" health_check_exits "$ID" 0
}

# ---- controls

# run_loader [DOCKER_OPTION...] IMAGE ARG...
run_loader() { docker run --rm --entrypoint "$LOADER" "$@"; }
# what the launcher executes, but with the signals that it would block
unblocked() {
    loses_no_term 3 20000 20000 "$LOADER" "${BUNDLED[@]}" "@$SOLEINIT/lib/jvm.options" \
        -Djffi.boot.library.path="$SOLEINIT/lib/native" -XX:AOTCache="$SOLEINIT/lib/soleinit.aot" \
        -Dsoleinit.home="$SOLEINIT" -cp "$SOLEINIT/lib/soleinit.jar" dev.soleinit.Main \
        supervise -- "$DAEMON" serve -c 7
}
image_loader() { docker run --rm --entrypoint "$SOLEINIT/runtime/bin/java" "$IMAGE" -version; }

check_controls() {
    case $NAME in
        trixie)
            holds "without the launcher, java starts by the bundled loader" \
                run_loader "$IMAGE" "${BUNDLED[@]}" -version
            breaks "but obeys a variable that is meant for the daemon" /nope.jar \
                run_loader -e JAVA_TOOL_OPTIONS=-javaagent:/nope.jar "$IMAGE" \
                "${BUNDLED[@]}" -version
            # TERM has no effect: java goes on until it finds that signals are not blocked
            breaks "and drops a TERM 20 ms after exec" "20000 ended 1" unblocked ;;
        bullseye) breaks "bullseye: its own loader does not start java" GLIBC_ image_loader ;;
        musl) breaks "musl: its own loader does not start java" "no such file" image_loader ;;
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
    check_short_lives
    check_users
    check_commands
    check_early_signals
    holds "$NAME: the folder is smaller than $((MAX_BYTES / 1000000)) MB, without *.debuginfo" \
        folder_is_small
    check_controls
    rm -rf --one-file-system "$ROOT"
done
