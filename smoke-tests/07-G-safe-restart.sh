#!/usr/bin/env bash
# G. A safe restart with work in flight: blockers shown, none lost; force names what it cuts.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "G: restarts lose no work"

# session ID MS NAME: in the background; its HTTP code goes into $SCRATCH/NAME
session() {
    curl -s -o /dev/null -w '%{http_code}' -X POST \
        "http://$(address "$1"):8080/sessions?ms=$2&id=$3" >"$SCRATCH/$3" &
}

open_work() { curl -s "http://$(address "$1"):8080/work" | jq -r '.open[]' 2>/dev/null; }
# a session of an ungated daemon is in no list: then time has to do
begun() { SLOWNESS=1 within 1 is_open "$1" "$2" >/dev/null || sleep 0.3; }
is_open() { has "open work" "$2" "$(open_work "$1")"; }

# promise ID NAME: a session that runs while a safe restart is asked for ends well
promise() {
    local id=$1 name=$2 before
    before=$(status "$id" .generation)
    session "$id" 4000 "$name"
    local client=$!
    begun "$id" "$name"
    docker exec "$id" daemon restart --safe --wait 20s >"$SCRATCH/said" 2>&1 ||
        { echo "the restart failed: $(cat "$SCRATCH/said")"; return 1; }
    wait $client
    same "generation" $((before + 1)) "$(status "$id" .generation)" || return
    same "the session's answer" 200 "$(cat "$SCRATCH/$name")"
}

blockers_shown() {
    local said
    said=$(docker exec "$1" daemon preflight)
    same "exit code" 75 $? && has "preflight" "session seen" "$said" &&
        has "status" "session seen" "$(docker exec "$1" daemon status)"
}

gives_up() {
    local said
    said=$(docker exec "$1" daemon restart --safe --wait 500ms 2>&1)
    same "exit code" 75 $? && has "answer" "blocked by session seen" "$said" &&
        has "answer" "goes on serving" "$said"
}

force_names() {
    has "answer" "cut: session seen" "$(docker exec "$1" daemon restart --force)"
}

resumed() { same "resumed" 1 "$(curl -s "http://$(address "$1"):8080/work" | jq .resumed)"; }

node=$(start_node) || exit
holds "a safe restart waits for a session, which ends well" promise "$node" first
session "$node" 20000 seen
begun "$node" seen
holds "preflight and status show who blocks" blockers_shown "$node"
holds "a safe restart that gives up names the blocker and leaves it alone" gives_up "$node"
holds "nothing was restarted" same "generation" 2 "$(status "$node" .generation)"
holds "--force names what it cuts" force_names "$node"
holds "and the next life resumes it" within 5 resumed "$node"

# 20 sessions a second while three graceful restarts run: each is answered, or refused aloud
load() {
    local id=$1 address i
    address=$(address "$id")
    for i in $(seq 80); do
        curl -s -o /dev/null -w '%{http_code}\n' -X POST \
            "http://$address:8080/sessions?ms=300&id=load$i" >>"$SCRATCH/load" &
        sleep 0.05
    done
    wait
}
under_load() {
    local id=$1 i
    docker exec "$id" daemon restart --force >/dev/null
    local before
    before=$(curl -s "http://$(address "$id"):8080/work" | jq .ended)
    load "$id" &
    local clients=$!
    for i in 1 2 3; do
        lacks "restart" "cut" "$(docker exec "$id" daemon restart)" || return
    done
    wait $clients
    same "sessions ended, for clients and daemon" "$(grep -c 200 "$SCRATCH/load")" \
        "$(($(curl -s "http://$(address "$id"):8080/work" | jq .ended) - before))" &&
        same "sessions without an answer or a word" 0 "$(grep -vc '200\|503\|000' "$SCRATCH/load")"
}
fresh=$(start_node) || exit
holds "three restarts under load cut no session" under_load "$fresh"

node=$(start_node -- --ready attach -- /opt/node/bin/node --ungated) || exit
breaks "fence off, the session is lost" "the session's answer: expected '200', got '000'" \
    promise "$node" lost
