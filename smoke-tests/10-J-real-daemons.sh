#!/usr/bin/env bash
# J. Real daemons that know nothing of soleinit: nginx, redis-server, postgres, a shell script.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "J: real daemons"

IMAGE=$(make_image \
    'RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends nginx-light redis-server postgresql curl procps >/dev/null \
        && rm -rf /var/lib/apt/lists/*') || exit

# life ID SENTENCE PROBE...: the probe answers; after kill -9 it answers again as generation 2;
# after daemon restart as generation 3; docker stop ends it with 0 in time
life() {
    local id=$1 name=$2
    shift 2
    holds "$name answers" within 15 docker exec "$id" "$@"
    docker exec "$id" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'
    holds "$name answers again after kill -9" generation "$id" 2 "$@"
    holds "$name restarts when asked" docker exec "$id" daemon restart
    holds "$name answers as generation 3" generation "$id" 3 "$@"
    holds "$name stops in time" stops "$id"
}

generation() {
    local id=$1 wanted=$2
    shift 2
    docker exec "$id" daemon wait --generation "$wanted" --timeout 20s &&
        within 15 docker exec "$id" "$@" && same generation "$wanted" "$(status "$id" .generation)"
}

stops() {
    local begin
    begin=$(millis)
    docker stop -t 10 "$1" >/dev/null
    local took=$(($(millis) - begin))
    [ "$took" -lt 5000 ] || { echo "docker stop took $took ms"; return 1; }
    same "exit code" 0 "$(exit_code "$1")"
}

nginx=$(start_node -- --rewrite TERM=QUIT -- nginx -g 'daemon off;') || exit
life "$nginx" nginx curl -sf http://127.0.0.1/

redis=$(start_node -- --ready 'tcp 127.0.0.1:6379' -- redis-server --save '' --dir /tmp) || exit
life "$redis" redis sh -c 'redis-cli ping | grep -q PONG'

# SIGINT is postgres' fast shutdown
postgres=$(start_node -- --rewrite TERM=INT --user postgres --ready 'exec pg_isready -q -h /tmp' -- \
    bash -c 'PATH=$PATH:$(echo /usr/lib/postgresql/*/bin); data=/tmp/data
        [ -d $data ] || initdb -D $data >/dev/null
        exec postgres -D $data -k /tmp') || exit
life "$postgres" postgres psql -U postgres -h /tmp -qc 'select 1'

script=$(start_node -- --success-exit 143 -- /bin/sh -c 'echo script; exec sleep 1000') || exit
life "$script" "a shell script" true

# a stop signal that the daemon takes for something else
deaf=$(start_node -- --rewrite TERM=WINCH --stop-timeout 2s -- sleep 1000) || exit
breaks "with the wrong stop signal it does not end well" "exit code: expected '0', got '137'" stops "$deaf"
