#!/usr/bin/env bash
# Daemons that are not Java: the clients for Node.js and Python keep the protocol, and the examples on them lose nothing
# in restarts, reloads, crashes and stops under load.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
HERE=$(dirname "${BASH_SOURCE[0]}")
PROJECT=$(cd "$HERE/.." && pwd -P)
RUNTIME=${RUNTIME:-soleinit/runtime}
phase "clients: Node.js, asyncio and gunicorn lose nothing"

# ---- the clients by themselves, in an image that has both languages

tools=$(docker build -q - <<<'FROM debian:trixie-slim
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    nodejs python3 >/dev/null && rm -rf /var/lib/apt/lists/*' 2>/dev/null) || exit

# inside COMMAND...: in that image, with the clients
inside() { docker run --rm -v "$PROJECT/clients:/clients:ro" -w /clients "$tools" "$@"; }

conformance() { # CLIENT COMMAND...
    local said
    said=$(inside python3 -B conformance/conformance.py -- "$@" 2>&1) || { grep '^not ok' <<<"$said"; return 1; }
    tail -n 1 <<<"$said"
    has "conformance" "30 of 30 kept" "$said"
}

holds "Python: its unit tests" inside sh -c 'cd python && python3 -B -m unittest discover -s tests'
holds "Node.js: its unit tests" inside sh -c 'cd node && node --test'
holds "Python: 30 scenarios of the protocol" conformance python3 -B /clients/conformance/daemon.py
holds "Node.js: 30 scenarios of the protocol" conformance node /clients/conformance/daemon.mjs
breaks "a client that takes work while fenced" "expected restarting" \
    conformance python3 -B /clients/conformance/broken.py fence

# ---- the examples

# example NAME: prints the id of its image, with this build of soleinit
example() {
    local id
    id=$(example_image "$1") && with_command "$id"
}

# under_load ID SECONDS RATE JOBS COMMAND...: the command while there is load; nothing of it may be lost
under_load() {
    local id=$1 seconds=$2 rate=$3 jobs=$4 said
    shift 4
    "$HERE/clients.py" "$(address "$id")" 8080 "$seconds" "$rate" "$jobs" "/slow/$MILLIS" >"$SCRATCH/load" &
    local load=$!
    sleep 1
    said=$("$@" 2>&1) || { wait $load; echo "$* failed: $said"; return 1; }
    wait $load
    echo "          $(cat "$SCRATCH/load")" >&3
    same "lost" "0 refused, 0 reset, 0 other, 0 jobs" \
        "$(jq -r '"\(.refused) refused, \(.reset) reset, \(.other) other, \(.jobsLost) jobs"' "$SCRATCH/load")" || return
    [ "$(jq .ok "$SCRATCH/load")" -ge $((seconds * rate)) ] || { echo "too few: $(cat "$SCRATCH/load")"; return 1; }
}
exec 3>&1

restarts() { # ID N
    local before
    before=$(status "$1" .generation)
    for ((i = 0; i < $2; i++)); do docker exec "$1" daemon restart || return; done
    same "generation" $((before + $2)) "$(status "$1" .generation)"
}

reloads() { # ID N
    local before pid
    before=$(status "$1" .generation) pid=$(status "$1" .pid)
    for ((i = 0; i < $2; i++)); do docker exec "$1" daemon reload || return; done
    same "generation and pid" "$((before + $2)) $pid" "$(status "$1" '"\(.generation) \(.pid)"')"
}

# safe ID REQUESTS: so many that take 4 s hold a safe restart up, and are not cut
safe() {
    local answer url
    url=http://$(address "$1"):8080/slow/4000
    for _ in $(seq "$2"); do curl -s -m 20 -o /dev/null -w '%{http_code}\n' -X POST "$url" & done >"$SCRATCH/codes"
    sleep 0.2
    docker exec "$1" daemon preflight >"$SCRATCH/preflight" && { echo "it is not busy: $(cat "$SCRATCH/preflight")"; return 1; }
    answer=$(docker exec "$1" daemon restart --safe --wait 20s 2>&1) || { echo "$answer"; return 1; }
    wait
    same "answers" "$2 200" "$(uniq -c "$SCRATCH/codes" | xargs)"
}

is_busy() {
    docker exec "$1" daemon preflight
    same "exit code of preflight" 75 $?
}

# the process dies with jobs on hand: the next generation ends them
crash() {
    local id=$1
    for i in 1 2 3 4 5; do
        curl -sf -m 10 -X PUT "http://$(address "$id"):8080/jobs/crash-$i" >/dev/null || return
    done
    sleep 0.3
    docker exec "$id" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'
    done_jobs() { same "jobs" 5 "$(curl -s -m 10 "http://$(address "$id"):8080/jobs" | grep '^crash-' | sort -u | wc -l)"; }
    within 20 done_jobs
}

# a request that is under way when the container is stopped is answered
stops() {
    curl -s -m 20 -o /dev/null -w '%{http_code}' -X POST "http://$(address "$1"):8080/slow/3000" >"$SCRATCH/code" &
    local asked=$!
    within 2 is_busy "$1" || return
    docker stop -t 10 "$1" >/dev/null
    wait $asked
    same "answer and exit code" "200 0" "$(cat "$SCRATCH/code") $(exit_code "$1")"
}

for name in node asyncio gunicorn; do
    # gunicorn's sync worker does one thing at a time, and has no queue
    jobs=20 MILLIS=300
    if [ $name = gunicorn ]; then jobs=0 MILLIS=10; fi
    IMAGE=$(example $name) || { not_ok "$name: its image"; continue; }
    id=$(start_node) || { not_ok "$name: it starts"; continue; }
    holds "$name: 5 restarts under load, nothing is lost" under_load "$id" 12 20 $jobs restarts "$id" 5
    holds "$name: 5 reloads under load, nothing is lost" under_load "$id" 8 20 $jobs reloads "$id" 5
    holds "$name: a safe restart waits for what runs" safe "$id" $((jobs ? 3 : 1))
    [ $name = gunicorn ] || holds "$name: what a crash interrupts is resumed" crash "$id"
    holds "$name: a stop lets what runs end" stops "$id"
    if [ $name = node ]; then
        id=$(start_node -- --listen 'tcp:0.0.0.0:8080 name=http' -- env -u DAEMON_TOKEN node server.mjs) || exit
        breaks "without its token, jobs are lost in a crash" "expected '5'" crash "$id"
        id=$(start_node -- --ready attach -- node server.mjs) || exit
        breaks "without kept sockets, connections are refused" "refused" under_load "$id" 6 20 0 restarts "$id" 2
    fi
done
