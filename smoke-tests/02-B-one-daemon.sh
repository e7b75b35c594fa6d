#!/usr/bin/env bash
# B. `docker exec node daemon start` refuses a second daemon, also when many race.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "B: the CLI never starts a second daemon"

# a daemon that shares a lock with any other of its kind, and tells when it cannot have it
DAEMON='exec 9>/tmp/the-lock; flock -n 9 || echo "another instance is running"
exec -a only-one sleep 1000'

daemons() { processes "$1" | grep '^[0-9]* [0-9]* . only-one 1000'; }

# promise ID: exactly one daemon, whose parent is the supervisor, and nobody met another's lock
promise() {
    local id=$1
    same "daemons" 1 "$(daemons "$id" | wc -l)" || return
    same "its parent" 1 "$(daemons "$id" | cut -d ' ' -f 2)" || return
    same "its pid" "$(status "$id" .pid)" "$(daemons "$id" | cut -d ' ' -f 1)" || return
    lacks "log" "another instance" "$(docker logs "$id" 2>&1)" || return
    lacks "logs of others" "another instance" \
        "$(docker exec "$id" sh -c 'cat /tmp/other/*.log 2>/dev/null')"
}

refuses() {
    local said
    said=$(docker exec "$1" daemon start 2>&1) || { echo "exit code $?: $said"; return 1; }
    has "answer" "pid $(status "$1" .pid)" "$said" && has "answer" "generation 1" "$said" &&
        has "answer" "container supervisor" "$said"
}

# a hundred at once; each has to end with 0
race() {
    same "exit codes" "    100 0" "$(docker exec "$1" bash -c '
        for i in $(seq 100); do (daemon start >/dev/null 2>&1; echo $?) & done; wait' |
        sort | uniq -c)"
}

node=$(start_node -- bash -c "$DAEMON") || exit
holds "daemon start says who owns the daemon and exits 0" refuses "$node"
holds "one daemon, child of PID 1, no lock contention" promise "$node"
holds "100 times daemon start at once all exit 0" race "$node"
holds "still one daemon, child of PID 1, no lock contention" promise "$node"
holds "the daemon was not restarted meanwhile" same generation 1 "$(status "$node" .generation)"

# the variable alone is authoritative: also with directories in which nobody is to be found
elsewhere() {
    docker exec -e DAEMON_RUN_DIR=/tmp/other -e DAEMON_STATE_DIR=/tmp/other "${@:2}" "$1" \
        daemon start -- bash -c "$DAEMON"
}
elsewhere "$node" >/dev/null 2>&1
holds "with no supervisor to be found, daemon start exits 69" same "exit code" 69 $?
holds "and spawns nothing" promise "$node"

# guard off: without the marker this is a host like any other
elsewhere "$node" -e DAEMON_SUPERVISOR= >/dev/null 2>&1
breaks "guard off, there are two daemons" "daemons: expected '1', got '2'" promise "$node"
