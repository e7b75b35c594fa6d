#!/usr/bin/env bash
# J. Real daemons that know nothing of soleinit: nginx, redis-server, postgres, a shell script.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "J: real daemons"

IMAGE=$(make_image \
    'RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends nginx-light redis-server postgresql curl procps >/dev/null \
        && rm -rf /var/lib/apt/lists/*') || exit

# the image that README.md shows, word for word; its command is its own
own=$(awk '/^```dockerfile$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md |
    docker build -q -) || exit
own=$(IMAGE=$own start_node) || exit
holds "the README's image serves" within 15 curl -sf "http://$(address "$own")/"
holds "its health check says ready" docker exec "$own" daemon status --ready
holds "it stops by nginx's own signal, with 0" same "exit code" 0 \
    "$(docker stop -t 10 "$own" >/dev/null; exit_code "$own")"

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

# a daemon that knows nothing of soleinit, with a check and a reload of its own
serves() { same "body" "$2" "$(docker exec "$1" curl -s http://127.0.0.1/)"; }
site() {
    docker exec "$1" sh -c 'echo "events {} http { server { listen 80; $1 } }" >/etc/nginx/.new &&
        mv /etc/nginx/.new /etc/nginx/nginx.conf' sh "$2"
}
web=$(start_node -- --rewrite TERM=QUIT --watch /etc/nginx/nginx.conf --check 'nginx -t' \
    --on-change reload --ready 'tcp 127.0.0.1:80' -- nginx -g 'daemon off;') || exit
master=$(status "$web" .pid)
site "$web" 'return 200 one;'
holds "nginx reloads a changed file" within 8 serves "$web" one
site "$web" 'return 200 two'
holds "a file that nginx -t rejects shows in status" within 8 is_rejected "$web" "nginx.conf test failed"
holds "and nginx serves what it had" serves "$web" one
site "$web" 'return 200 three;'
holds "the next good file applies" within 8 serves "$web" three
holds "all in the same process" same "pid" "$master" "$(status "$web" .pid)"

redis=$(start_node -- --ready 'tcp 127.0.0.1:6379' -- redis-server --save '' --dir /tmp) || exit
life "$redis" redis sh -c 'redis-cli ping | grep -q PONG'

# the same, saying by sd_notify when it is ready
told=$(start_node -- --ready notify -- redis-server --supervised systemd --save '' --dir /tmp) || exit
holds "redis says itself when it is ready" same "status text" "Ready to accept connections" \
    "$(status "$told" .statusText)"
holds "and is ready again after a restart" docker exec "$told" daemon restart

POSTGRES=(bash -c 'PATH=$PATH:$(echo /usr/lib/postgresql/*/bin); data=/tmp/data
    [ -d $data ] || initdb -D $data >/dev/null
    exec postgres -D $data -k /tmp')
# SIGINT is postgres' fast shutdown
postgres=$(start_node -- --rewrite TERM=INT --user postgres --ready 'exec pg_isready -q -h /tmp' -- \
    "${POSTGRES[@]}") || exit
life "$postgres" postgres psql -U postgres -h /tmp -qc 'select 1'

told=$(start_node -- --rewrite TERM=INT --user postgres --ready notify -- \
    "${POSTGRES[@]}") || exit
holds "postgres says itself when it is ready" docker exec "$told" psql -U postgres -h /tmp -qc 'select 1'

# postgres reports no work: a command says whether a query runs
BUSY='n=$(psql -U postgres -h /tmp -tAc "select count(*) from pg_stat_activity where
    backend_type = '"'client backend'"' and state = '"'active'"' and pid <> pg_backend_pid()") || exit 1
    [ "$n" = 0 ] || { echo "$n active queries"; exit 75; }'
database=$(start_node -- --rewrite TERM=INT --user postgres --ready 'exec pg_isready -q -h /tmp' \
    --preflight-command "$BUSY" -- \
    "${POSTGRES[@]}") || exit
docker exec "$database" psql -U postgres -h /tmp -qtAc "select pg_sleep(4), 'whole'" >"$SCRATCH/query" &
query=$!
sleep 1
busy() { has "preflight" "1 active queries" "$(docker exec "$1" daemon preflight)"; }
holds "the preflight command shows a query" busy "$database"
holds "a safe restart waits for it" docker exec "$database" daemon restart --safe --wait 30s
wait $query
holds "the query ended whole" has "its result" "whole" "$(cat "$SCRATCH/query")"

script=$(start_node -- --success-exit 143 -- /bin/sh -c 'echo script; exec sleep 1000') || exit
life "$script" "a shell script" true

# a stop signal that the daemon takes for something else
deaf=$(start_node -- --rewrite TERM=WINCH --stop-timeout 2s -- sleep 1000) || exit
breaks "with the wrong stop signal it does not end well" "exit code: expected '0', got '137'" stops "$deaf"
