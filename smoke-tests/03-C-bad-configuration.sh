#!/usr/bin/env bash
# C. A bad configuration fails loudly and the fixed one recovers at once; with a check, the running
# daemon is left alone.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "C: a bad configuration"

# promise ID: fails with 78 and says why; the fixed file brings it back, long before the next try
promise() {
    local id=$1 begin took
    configure "$id" '{"port": "eighty"}'
    within 8 state_is "$id" backing-off >/dev/null || return
    has "log" "'port' must be 0 to 65535" "$(docker logs "$id" 2>&1)" || return
    same "last code" 78 "$(status "$id" .lastExit.code)" || return
    begin=$(millis)
    configure "$id" '{"port": 8080}'
    within 8 state_is "$id" ready >/dev/null || { echo "it did not come back"; return 1; }
    took=$(($(millis) - begin))
    [ "$took" -lt 8000 ] || { echo "back after $took ms only"; return 1; }
    curl -sf -m 2 "http://$(address "$id"):8080/health/ready" >/dev/null || echo "it does not answer"
}

# an editor's rename on the outside is not seen through a mount of the file alone
echo '{"port": 8080}' >"$SCRATCH/node.json"
mounted=$(start_node -v "$SCRATCH/node.json:/etc/daemon/node.json") || exit
holds "a file that is mounted by itself is warned about" has "warnings" "is a single-file mount" \
    "$(status "$mounted" '.warnings[]')"

OPTIONS=(--ready attach --on-change reload)
node=$(start_node) || exit
holds "a bad file fails loudly, a good one recovers at once" promise "$node"
holds "the container was never restarted" same "restarts" 0 \
    "$(docker inspect -f '{{.RestartCount}}' "$node")"

checked=$(start_node -- "${OPTIONS[@]}" --watch /etc/daemon/node.json \
    --check '! grep -q eighty /etc/daemon/node.json' -- /opt/node/bin/node) || exit
configure "$checked" '{"port": "eighty"}'
holds "with a check it is rejected" within 8 is_rejected "$checked" "the check exited 1"
holds "and the daemon goes on as it was" same "generation" 1 "$(status "$checked" .generation)"
configure "$checked" '{"port": 8081}'
holds "the next good edit applies" within 8 docker exec "$checked" daemon wait --generation 2 --timeout 5s

node=$(start_node -- "${OPTIONS[@]}" --on-hup reload -- /opt/node/bin/node) || exit
docker exec "$node" sh -c 'echo "{\"port\": \"eighty\"}" >/etc/daemon/node.json; kill -HUP 1'
breaks "with nobody watching, the fixed file does not bring it back" "it did not come back" promise "$node"

# ---- the last good one

# puts_back ID: a bad file is replaced by what was good before, and lies beside it
puts_back() {
    local id=$1
    configure "$id" '{"port": 8080}'
    within 40 docker exec "$id" test -e /etc/daemon/node.json.last-good >/dev/null ||
        { echo "it was not kept"; return 1; }
    configure "$id" '{"port": "eighty"}'
    within 30 docker exec "$id" test -e /etc/daemon/node.json.rejected >/dev/null || { echo "it was not put back"; return 1; }
    within 15 state_is "$id" ready >/dev/null || return
    has "the other one" eighty "$(docker exec "$id" cat /etc/daemon/node.json.rejected)" || return
    same "put back" 1 "$(status "$id" .lastGood.restored)"
}

KEEPING=(--watch /etc/daemon/node.json --last-good /etc/daemon/node.json --healthy-after 1s)
node=$(start_node -- --ready attach "${KEEPING[@]}" --last-good-after 1 -- /opt/node/bin/node) || exit
holds "a bad configuration is replaced by the last good one" puts_back "$node"
node=$(start_node -- --ready attach "${KEEPING[@]}" --last-good-after 1000 -- /opt/node/bin/node) || exit
breaks "it is put back at once although that is to take a thousand failures" "it was not put back" puts_back "$node"
