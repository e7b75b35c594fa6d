#!/usr/bin/env bash
# H. The container is killed and started again on the same volume: no stale file is in the way, and
# the generation still rises.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "H: the container is killed and started again"

# promise ID: after docker kill and docker start it runs as generation 2
promise() {
    docker kill "$1" >/dev/null && docker start "$1" >/dev/null || return
    within 20 docker exec "$1" daemon wait --ready --timeout 20s || return
    same "generation" 2 "$(status "$1" .generation)"
}

volume=$(make_volume)
node=$(start_node -v "$volume:/var/lib/daemon") || exit
first=$(status "$node" .instance)
holds "the same container: ready again as generation 2" promise "$node"
other() { [ "$(status "$node" .instance)" != "$first" ] || { echo "same instance"; return 1; }; }
holds "as another instance" other
docker rm -f "$node" >/dev/null
node=$(start_node -v "$volume:/var/lib/daemon") || exit
holds "a new container on the volume: generation 3" same generation 3 "$(status "$node" .generation)"

rival=$(run_node -v "$volume:/var/lib/daemon") || exit
ended() { same "running" false "$(docker inspect -f '{{.State.Running}}' "$rival")"; }
holds "a second container on the volume ends" within 10 ended
holds "with exit code 75" same "exit code" 75 "$(exit_code "$rival")"
holds "and says who owns it" has "log" "instance $(status "$node" .instance)" "$(docker logs "$rival" 2>&1)"
holds "the first one has not noticed" same generation 3 "$(status "$node" .generation)"

# nothing that outlives the container
node=$(start_node --tmpfs /var/lib/daemon --tmpfs /run/daemon) || exit
breaks "without the volume the generation does not rise" "generation: expected '2', got '1'" promise "$node"
