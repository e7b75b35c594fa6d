#!/usr/bin/env bash
# Overlapping restarts: the next generation starts beside the running one on the same socket. Nobody waits for a start, and
# a generation that does not come up costs nothing. The reference daemon, gunicorn, Node.js and nginx, and the examples.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
HERE=$(dirname "${BASH_SOURCE[0]}")
PROJECT=$(cd "$HERE/.." && pwd -P)
RUNTIME=${RUNTIME:-soleinit/runtime}
phase "overlap: the next generation starts beside the running one"

# under_load ID SECONDS COMMAND...: 50 connections a second while that runs; none fails
under_load() {
    local id=$1 seconds=$2 load
    shift 2
    "$HERE/load.py" "$(address "$id")" 8080 "$seconds" 50 >"$SCRATCH/load" &
    load=$!
    "$@" >"$SCRATCH/said" 2>&1 || { wait $load; echo "failed: $* said $(cat "$SCRATCH/said")"; return 1; }
    wait $load
    none_failed "failed connections" "$SCRATCH/load" 100
}

# times N COMMAND...: so often, one after the other
times() {
    local n=$1
    shift
    for ((i = 0; i < n; i++)); do "$@" || return; done
}

restarts() { docker exec "$1" daemon restart "${@:2}"; }

# quick ID LIMIT [OPTION...]: three restarts; the longest connection took at most so many milliseconds
quick() {
    local id=$1 limit=$2 longest
    shift 2
    under_load "$id" 20 times 3 restarts "$id" "$@" || return
    longest=$(jq .longestMs "$SCRATCH/load")
    [ "$longest" -le "$limit" ] || { echo "the longest connection took $longest ms, with $limit allowed"; return 1; }
}

# refuses ID WORDS [OPTION...]: the restart fails over that, and the daemon is as it was
refuses() {
    local id=$1 words=$2 pid said
    shift 2
    pid=$(status "$id" .pid)
    said=$(docker exec "$id" daemon restart "$@" 2>&1) && { echo "it was restarted: $said"; return 1; }
    has "what it says" "$words" "$said" && same "pid" "$pid" "$(status "$id" .pid)" && state_is "$id" ready
}

broken() { # ID: a generation that does not come up
    refuses "$1" "" "${@:2}" -- --port nonsense
}

LISTEN=(--listen 'tcp:0.0.0.0:8080 name=http')
NODE=(/opt/node/bin/node --config /etc/daemon/node.json)

node=$(start_node -- "${LISTEN[@]}" --ready attach -- "${NODE[@]}") || exit
before=$(status "$node" .generation)
holds "5 overlapping restarts of the reference daemon: nobody is refused" \
    under_load "$node" 20 times 5 restarts "$node" --overlap
holds "each was a newer generation" same "generation" $((before + 5)) "$(status "$node" .generation)"
holds "3 successors that do not come up: the old pid serves on" under_load "$node" 15 times 3 broken "$node" --overlap
holds "the journal has them" has "journal" '"role":"successor"' "$(docker exec "$node" daemon events --json 2>&1 ||
    docker exec "$node" cat /var/lib/daemon/events.jsonl)"
breaks "without an overlap such a restart is an outage" "pid: expected" broken "$node"

plain=$(start_node -- --ready attach -- "${NODE[@]}") || exit
holds "without kept sockets it is refused with the reason" refuses "$plain" "--listen" --overlap

overlaps() { has "status" '"role":"successor"' "$(docker exec "$1" daemon status --json)"; }
# what stops in the middle leaves nobody behind
stops() {
    local took
    docker exec -d "$1" daemon restart --overlap
    within 10 overlaps "$1" || return
    took=$(millis)
    docker stop "$1" >/dev/null
    took=$(($(millis) - took))
    [ "$took" -lt 9900 ] || { echo "it took $took ms"; return 1; }
    has "the log" "generation 2" "$(docker logs "$1" 2>&1)"
}
# little_room ID: what does not fit twice into the memory limit is refused with both figures, or done one after the other
little_room() {
    local before said
    before=$(status "$1" .generation)
    refuses "$1" "and the memory limit leaves" --overlap || return
    said=$(docker exec "$1" daemon restart --overlap=if-room 2>&1) || { echo "it failed: $said"; return 1; }
    same "generation" $((before + 1)) "$(status "$1" .generation)" && state_is "$1" ready &&
        has "the log" "the memory limit leaves" "$(docker logs "$1" 2>&1)"
}
EATS='import os, signal, socket, time
held = b"x" * (120 << 20)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify: notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
signal.pause()'
PYTHON=$(make_image 'RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    python3 >/dev/null && rm -rf /var/lib/apt/lists/*') || exit
NODE_IMAGE=$IMAGE
IMAGE=$PYTHON
eater=$(start_node --memory 200m --memory-swap 200m -- "${LISTEN[@]}" --ready notify -- python3 -c "$EATS") || exit
holds "where the limit has no room for two it is refused with figures; if-room falls back" little_room "$eater"
roomy=$(start_node --memory 600m --memory-swap 600m -- "${LISTEN[@]}" --ready notify -- python3 -c "$EATS") || exit
breaks "with room for two it is not refused" "it was restarted" little_room "$roomy"
IMAGE=$NODE_IMAGE

# five seconds until it is ready, so that there is a middle
SLOWLY='(sleep 5; touch "/run/ready-$DAEMON_GENERATION") & exec "$@"'
stopped=$(start_node -- "${LISTEN[@]}" --ready 'exec test -e "/run/ready-$DAEMON_GENERATION"' -- \
    sh -c "$SLOWLY" sh "${NODE[@]}") || exit
holds "docker stop in the middle ends both in time" stops "$stopped"

IMAGE=$(make_image \
    'RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends nginx-light gunicorn nodejs curl >/dev/null && rm -rf /var/lib/apt/lists/*' \
    'RUN echo "events {} http { server { listen 8080; return 200 ok; } }" >/etc/nginx/nginx.conf' \
    'RUN printf "import time\ntime.sleep(3)\ndef app(environ, start):\n    start(\"200 OK\", [])\n    return [b\"ok\"]\n" >/srv/wsgi.py') ||
    exit

# three seconds of imports: --preload, so that it says that it is ready when it is
gunicorn=$(start_node -- "${LISTEN[@]}" --ready notify --chdir /srv -- gunicorn --preload wsgi:app) || exit
holds "gunicorn, which takes 3 s to start: nobody waits for it" quick "$gunicorn" 1500 --overlap
breaks "without an overlap somebody waits" "the longest connection took" quick "$gunicorn" 1500

server='setTimeout(() => {
    const s = require("http").createServer((_, r) => r.setHeader("Connection", "close").end("ok")).listen({fd: 3}, () =>
        require("child_process").execFile("touch", ["/run/ready-" + process.env.DAEMON_GENERATION]));
    process.on("SIGTERM", () => s.close(() => process.exit(0)))
}, 3000)'
nodejs=$(start_node -- "${LISTEN[@]}" --ready 'exec test -e /run/ready-$DAEMON_GENERATION' -- nodejs -e "$server") || exit
holds "Node.js: nobody waits for it" quick "$nodejs" 1500 --overlap

# ---- the examples as they stand

# example NAME: 3 overlapping restarts under load; nobody fails
example() {
    local id
    holds "examples/$1: its image" image_of "$1" || return
    IMAGE=$(cat "$SCRATCH/image")
    id=$(start_node) || { not_ok "examples/$1: it starts"; return; }
    holds "examples/$1: nobody is refused across 3 overlapping restarts" \
        under_load "$id" 20 times 3 restarts "$id" --overlap --timeout 3s
}
image_of() {
    local id
    id=$(example_image "$1") && with_command "$id" >"$SCRATCH/image"
}
beside=$IMAGE
for name in asyncio gunicorn node; do example "$name"; done
IMAGE=$beside

# it needs a pid file for each generation
nginx=$(start_node -- \
    --preset nginx --check 'nginx -t' --listen tcp:0.0.0.0:8080 --ready 'exec test -s /run/nginx-$DAEMON_GENERATION.pid' -- \
    sh -c 'exec nginx -g "daemon off; pid /run/nginx-$DAEMON_GENERATION.pid;"') || exit
holds "nginx: nobody is refused across 5 overlapping restarts" \
    under_load "$nginx" 15 times 5 restarts "$nginx" --overlap
