#!/usr/bin/env bash
# E. `docker stop` is quick and its exit code right, whatever the daemon is doing.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "E: docker stop"

OBEDIENT='trap "exit 42" TERM; while :; do sleep 0.02; done'

# stops ID CODE: within a second, with that exit code
stops() {
    local begin
    begin=$(millis)
    docker stop -t 10 "$1" >/dev/null
    local took=$(($(millis) - begin))
    same "exit code" "$2" "$(exit_code "$1")" || return
    [ "$took" -lt 1000 ] || { echo "docker stop took $took ms"; return 1; }
}

node=$(start_node -- bash -c "$OBEDIENT") || exit
holds "an obedient daemon: under 1 s, with the daemon's own code" stops "$node" 42

node=$(start_node -- --success-exit 143 -- sleep 1000) || exit
holds "--success-exit turns 143 into 0" stops "$node" 0

node=$(run_node -- --backoff-initial 60s -- sh -c 'exit 9') || exit
holds "it backs off" within 10 state_is "$node" backing-off
holds "during a backoff: under 1 s, with the code of the last exit" stops "$node" 9

node=$(run_node -- --ready 'exec false' -- bash -c "$OBEDIENT") || exit
holds "it is starting" within 10 state_is "$node" starting
holds "during a start: under 1 s" stops "$node" 42

node=$(run_node -- sleep 1000) || exit
holds "right after docker run: under 1 s" stops "$node" 143

node=$(start_node -- sleep 1000) || exit
docker exec "$node" daemon stop >/dev/null
holds "held down: under 1 s" stops "$node" 143

node=$(start_node -- bash -c 'trap "" TERM; while :; do sleep 0.1; done') || exit
begin=$(millis)
docker stop -t 10 "$node" >/dev/null
took=$(($(millis) - begin))
in_time() { [ "$took" -gt 7000 ] && [ "$took" -lt 9900 ] || { echo "$took ms"; return 1; }; }
holds "a daemon that ignores TERM is killed after 8 s, inside the engine's 10 s" in_time
holds "and shows as 137" same "exit code" 137 "$(exit_code "$node")"

# forwarding off
node=$(start_node -- --rewrite TERM= -- bash -c "$OBEDIENT") || exit
late() {
    local begin
    begin=$(millis)
    docker stop -t 2 "$1" >/dev/null
    same "exit code" 42 "$(exit_code "$1")"
}
breaks "forwarding off, the engine has to kill" "exit code: expected '42', got '137'" late "$node"
