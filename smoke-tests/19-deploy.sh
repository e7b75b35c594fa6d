#!/usr/bin/env bash
# The files of deploy/ as they are: Compose, and a Swarm whose replicas are replaced under load.
# SWARM_UPDATES (2) says how many rolling updates there are, half of them in each order, SWARM_RATE (50) under
# how many sessions a second.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../docker/engine.sh"
phase "deploy: what is in deploy/ does what it says"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEPLOY=$(cd "$HERE/../deploy" && pwd)
UPDATES=${SWARM_UPDATES:-2}
RATE=${SWARM_RATE:-50}
export NODE_IMAGE=$IMAGE NODE_PORT=18080 COMPOSE_PROJECT_NAME=soleinit-smoke
STACK=soleinit-smoke
exec 3>&1

compose() {
    if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}
if ! docker compose version >/dev/null 2>&1 && ! command -v docker-compose >/dev/null; then
    install docker-compose
fi

# ---- Compose, on a copy: its configuration is changed

cp -r "$DEPLOY/compose" "$SCRATCH/compose"
chmod -R a+rX "$SCRATCH"
cd "$SCRATCH/compose" || exit
inited=
end_all() {
    (cd "$SCRATCH/compose" && compose down -v >/dev/null 2>&1)
    if [ -n "$inited" ]; then
        docker stack rm "$STACK" >/dev/null 2>&1
        docker swarm leave --force >/dev/null 2>&1
    fi
    clean_up
}
trap end_all EXIT

node_id() { compose ps -q node; }
health() { docker inspect -f '{{.State.Health.Status}}' "$(node_id)"; }
is_healthy() { same health healthy "$(health)"; }
status() { docker exec "$(node_id)" daemon status --json | jq -r "$1"; }
has_generation() { same generation "$1" "$(status .generation)"; }
answers() { curl -sf -m 5 -X POST "http://127.0.0.1:$NODE_PORT/sessions?ms=10"; }

compose_is_up() { compose up -d && within 60 is_healthy && answers; }
holds "compose: read-only, without root and without capabilities, it gets healthy and serves" compose_is_up

has_the_secret() {
    has "its environment" "NODE_TOKEN=replace-me" "$(docker exec "$(node_id)" \
        sh -c 'tr "\0" "\n" </proc/$(cat /run/daemon/daemon.pid)/environ')"
}
holds "compose: the daemon has the secret" has_the_secret
not_in_pid1() {
    lacks "the environment of PID 1" replace-me "$(docker exec "$(node_id)" sh -c 'tr "\0" "\n" </proc/1/environ')"
}
holds "compose: and nobody finds it in what PID 1 was started with" not_in_pid1

changed_configuration() {
    printf '{"host": "0.0.0.0", "port": 8080 }\n' >config/.new
    mv config/.new config/node.json
    within 30 has_generation 2 && answers
}
holds "compose: a configuration that is replaced is applied" changed_configuration

stopped() {
    local id begin
    id=$(node_id)
    begin=$SECONDS
    compose stop || return
    [ $((SECONDS - begin)) -lt 10 ] || { echo "took $((SECONDS - begin)) s"; return 1; }
    same "exit code" 0 "$(docker inspect -f '{{.State.ExitCode}}' "$id")"
}
holds "compose: it stops within its grace, with the daemon's code" stopped
compose down -v >/dev/null 2>&1
cd "$HERE" || exit

# ---- Swarm

swarm_state() { docker info -f '{{.Swarm.LocalNodeState}}'; }
if [ "$(swarm_state)" != active ]; then
    docker swarm init --advertise-addr 127.0.0.1 >/dev/null || { not_ok "a swarm can be made"; exit; }
    inited=1
fi

# The stack as it is needs the kernel's load balancer (IPVS) behind its published port. Where the kernel has
# none, the same tasks are found by their names, as `endpoint_mode: dnsrr` has it, from a container beside
# them; who is asked changes with the tasks in both ways.
cat >"$SCRATCH/names.yaml" <<'YAML'
version: "3.8"
services: {node: {deploy: {endpoint_mode: dnsrr}}}
networks: {default: {attachable: true}}
YAML
sed '/ports:/d' "$DEPLOY/swarm/stack.yaml" >"$SCRATCH/stack.yaml"
printf 'FROM debian:trixie-slim\nRUN apt-get -q update && apt-get -q install -y python3 >/dev/null\n' |
    docker build -q -t soleinit-smoke/python - >/dev/null 2>&1 || { not_ok "an image with Python"; exit; }

beside() { docker run --rm --name soleinit-smoke-load --network "${STACK}_default" -v "$HERE:/smoke:ro" soleinit-smoke/python "$@"; }
replicas() { same replicas 3/3 "$(docker service ls -f name="${STACK}_node" --format '{{.Replicas}}')"; }
by_name() {
    beside timeout -s TERM 2 python3 /smoke/deploy-load.py node 8080 10 10 >"$SCRATCH/load"
    [ "$(jq .ended "$SCRATCH/load")" -gt 0 ] || { cat "$SCRATCH/load"; return 1; }
}
deploy_stack() {
    ORDER=$1 docker stack deploy --detach=true --resolve-image never -c "$SCRATCH/stack.yaml" \
        -c "$SCRATCH/names.yaml" "$STACK" && within 90 replicas && within 60 by_name
}
as_it_is() { NODE_PORT=$NODE_PORT docker stack config -c "$DEPLOY/swarm/stack.yaml"; }

# updates COUNT ARG...: that many rolling updates under that load, in sessions of 4 s; prints what became of them. Swarm
# itself waits 2 s between taking a task out and ending it: shorter sessions would end by that alone.
updates() {
    local times=$1 load
    shift
    beside python3 /smoke/deploy-load.py node 8080 "$RATE" 4000 >"$SCRATCH/load" &
    load=$!
    sleep 2
    for _ in $(seq "$times"); do
        docker service update --quiet --force "$@" "${STACK}_node" || { docker kill soleinit-smoke-load; return 1; }
    done
    sleep 1
    docker kill -s TERM soleinit-smoke-load >/dev/null
    wait $load
    echo "          $times updates: $(cat "$SCRATCH/load")" >&3
}

# of each task: when it was asked to end, drained, and what it cut
what_pid1_says() {
    docker service logs --timestamps "${STACK}_node" 2>&1 | grep -E 'draining|stop|cut|ended' | tail -n 30
}

loses_nothing() {
    updates "$@" || return
    [ "$(jq .ended "$SCRATCH/load")" -gt 300 ] || { echo "too few: $(cat "$SCRATCH/load")"; return 1; }
    same "what was lost or refused" "0 lost, 0 refused, 0 late" \
        "$(jq -r '"\(.lost) lost, \(.refused) refused, \(.late) late"' "$SCRATCH/load")" ||
        { what_pid1_says; return 1; }
}

holds "swarm: the engine takes the stack as it is" as_it_is
holds "swarm: three replicas are up" deploy_stack start-first
holds "swarm: start-first updates under load lose and refuse nothing" loses_nothing $((UPDATES / 2))
holds "swarm: the same service, stop-first" deploy_stack stop-first
holds "swarm: stop-first updates under load lose and refuse nothing" loses_nothing $((UPDATES - UPDATES / 2))
# two of them: the first gives it what the second breaks it by
breaks "a daemon that is killed at TERM loses sessions" "what was lost or refused" loses_nothing 2 \
    --env-add DAEMON_REWRITE=TERM=KILL --env-add DAEMON_STOP_DELAY=0s
