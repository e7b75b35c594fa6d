#!/usr/bin/env bash
# A. A configuration change applies: same process, newer generation, healthy on the new port,
# refused on the old one, and no end of the daemon was seen.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "A: a configuration change applies"

# promise ID NEW_PORT OLD_PORT
promise() {
    local id=$1 pid
    pid=$(status "$id" .pid)
    configure "$id" "{\"port\": $2}"
    within 5 next_generation "$id" "$4" || return
    same "pid" "$pid" "$(status "$id" .pid)" || return
    same "ends seen" 0 "$(status "$id" '.exits | length')" || return
    same "generation on the new port" "$4" "$(header "$id" "$2")" || return
    if curl -sf -m 2 "http://$(address "$id"):$3/health/live" >/dev/null; then
        echo "the old port still answers"
        return 1
    fi
}

next_generation() { same "generation" "$2" "$(status "$1" 'select(.ready) | .generation')"; }

# header ID PORT: the generation that answers as ready
header() {
    curl -sfi -m 2 "http://$(address "$1"):$2/health/ready" |
        tr -d '\r' | sed -n 's/^x-generation: //Ip'
}

node=$(start_node) || exit
holds "the first port answers" same "generation" 1 "$(header "$node" 8080)"
holds "a new port in node.json: same pid, next generation, only the new port" promise "$node" 9090 8080 2
holds "and back again" promise "$node" 8080 9090 3
configure "$node" '{"port": 8080}'
sleep 1.5
holds "the same content is no change" same "generation" 3 "$(status "$node" .generation)"
holds "daemon reload raises the generation in the same process" docker exec "$node" daemon reload
holds "health check of the image" docker exec "$node" daemon status --ready

node=$(start_node -- --ready attach --watch /etc/daemon/node.json --on-change none -- \
    /opt/node/bin/node) || exit
breaks "with --on-change none nothing happens" "generation: expected '2', got '1'" \
    promise "$node" 9090 8080 2
