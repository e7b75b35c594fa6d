#!/usr/bin/env bash
# F. kill -9 of the daemon: it comes back after the backoff, one generation on; an exec session
# survives it.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "F: the daemon is killed"

kill_daemon() { docker exec "$1" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'; }

# promise ID SESSION: back in 2 s (10 % jitter; looking takes time, too), session alive
promise() {
    local begin took
    begin=$(millis)
    kill_daemon "$1"
    within 8 docker exec "$1" daemon wait --generation 2 --timeout 8s >/dev/null ||
        { echo "it did not come back"; return 1; }
    took=$(($(millis) - begin))
    same "generation" 2 "$(status "$1" .generation)" || return
    [ "$took" -ge 1800 ] && [ "$took" -lt 4500 ] || { echo "back after $took ms"; return 1; }
}

node=$(start_node) || exit
docker exec "$node" sh -c 'sleep 30; echo survived' >"$SCRATCH/session" &
session=$!
holds "back after about 2 s as generation 2" promise "$node"
holds "the container was never restarted" same "restarts" 0 "$(docker inspect -f '{{.RestartCount}}' "$node")"
holds "an exec session survives" kill -0 "$session"
holds "status tells how it ended" same "last exit" SIGKILL "$(status "$node" .lastExit.words)"
holds "the journal tells it, too" docker exec "$node" grep -q '"event":"end".*SIGKILL' /var/lib/daemon/events.jsonl
kill_daemon "$node"
longer() {
    local left
    left=$(status "$node" .nextAttemptInMs)
    [ "$left" -gt 2200 ] && [ "$left" -le 4400 ] || { echo "next attempt in $left ms"; return 1; }
}
holds "the second failure in a row waits up to twice as long" longer
docker exec "$node" daemon start >/dev/null
holds "daemon start ends the backoff" same "generation" 3 "$(status "$node" .generation)"

node=$(start_node -- --restart never -- sleep 1000) || exit
breaks "restart off, it does not come back" "it did not come back" promise "$node"
