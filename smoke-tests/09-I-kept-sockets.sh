#!/usr/bin/env bash
# I. Connections under load across restarts: none refused, none reset. The reference daemon, and
# servers that know socket activation: nginx, gunicorn (Python), Node.js.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
HERE=$(dirname "${BASH_SOURCE[0]}")
phase "I: connections survive restarts"

# promise ID RESTARTS: 100 connections a second while it is restarted so often
promise() {
    local id=$1 restarts=$2 before
    before=$(status "$id" .generation)
    "$HERE/load.py" "$(address "$id")" 8080 "$((restarts + 2))" 100 >"$SCRATCH/load" &
    local load=$!
    for ((i = 0; i < restarts; i++)); do
        docker exec "$id" daemon restart >"$SCRATCH/said" 2>&1 ||
            { echo "a restart failed: $(cat "$SCRATCH/said")"; break; }
    done
    wait $load
    same "generation" $((before + restarts)) "$(status "$id" .generation)" || return
    none_failed "failed connections" "$SCRATCH/load" 100
}

answers() { curl -sf --max-time 20 "http://$(address "$1"):8080/"; }

# a crash and its backoff: who connects meanwhile waits for the next generation
crash() {
    local took
    docker exec "$1" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'
    within 5 state_is "$1" backing-off >/dev/null || return
    answers "$1" >/dev/null || { echo "refused during the backoff"; return 1; }
    within 5 state_is "$1" ready
}

LISTEN=(--listen 'tcp:0.0.0.0:8080 name=http')
NODE=(/opt/node/bin/node --config /etc/daemon/node.json)

node=$(start_node -- "${LISTEN[@]}" --ready attach -- "${NODE[@]}") || exit
holds "status shows the socket" same "listening" "http tcp:0.0.0.0:8080" \
    "$(status "$node" '.listening[] | "\(.name) \(.address)"')"
holds "20 restarts of the reference daemon: nobody is refused" promise "$node" 20
holds "nor while it backs off after a crash" crash "$node"
docker exec "$node" daemon reload >/dev/null
holds "it serves after a reload" answers "$node"

node=$(start_node -- --ready attach -- "${NODE[@]}") || exit
breaks "without --listen they are refused" "refused" promise "$node" 3

IMAGE=$(make_image \
    'RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends nginx-light gunicorn nodejs >/dev/null && rm -rf /var/lib/apt/lists/*' \
    'RUN echo "events {} http { server { listen 8080; return 200 ok; } }" >/etc/nginx/nginx.conf' \
    'RUN printf "def app(environ, start):\n    start(\"200 OK\", [])\n    return [b\"ok\"]\n" >/srv/wsgi.py') ||
    exit

# nginx takes inherited sockets from its own variable
nginx=$(start_node -- "${LISTEN[@]}" --env 'NGINX=3;' --rewrite TERM=QUIT \
    --ready 'http http://127.0.0.1:8080/' -- nginx -g 'daemon off;') || exit
holds "nginx: nobody is refused across 5 restarts" promise "$nginx" 5

gunicorn=$(start_node -- "${LISTEN[@]}" --ready 'http http://127.0.0.1:8080/' \
    --chdir /srv -- gunicorn wsgi:app) || exit
holds "gunicorn: nobody is refused across 5 restarts" promise "$gunicorn" 5

server='if (process.env.LISTEN_PID != process.pid) throw "LISTEN_PID is not mine";
    const s = require("http").createServer((_, r) => r.end("ok")).listen({fd: 3});
    process.on("SIGTERM", () => s.close(() => process.exit(0)))'
nodejs=$(start_node -- "${LISTEN[@]}" --ready 'http http://127.0.0.1:8080/' -- nodejs -e "$server") || exit
holds "Node.js: nobody is refused across 5 restarts" promise "$nodejs" 5

taken=$(run_node -- "${LISTEN[@]}" --listen 'tcp:0.0.0.0:8080 name=twice' -- sleep 1000)
docker wait "$taken" >/dev/null
holds "a place that is taken is an error at boot" same "exit code" 75 "$(exit_code "$taken")"
holds "that says which and what to do" has "log" "Cannot listen on tcp:0.0.0.0:8080: somebody else" \
    "$(docker logs "$taken" 2>&1)"
