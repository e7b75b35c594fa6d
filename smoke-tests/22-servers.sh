#!/usr/bin/env bash
# Servers that nobody has written a line for, from Debian, as examples/ has them: nginx and postgres under load, and gunicorn,
# restart, crash, reload and stop, and a safe restart waits for what it would cut.
#   SERVERS="nginx postgres gunicorn"   only these
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/lib.sh"
PROJECT=$(cd "$HERE/.." && pwd -P)
RUNTIME=${RUNTIME:-soleinit/runtime}
SERVERS=${SERVERS:-nginx gunicorn postgres}
READY_SECONDS=60
phase "servers: nginx, gunicorn and postgres restart safely"
exec 3>&1

# example NAME [DOCKERFILE_LINE...]: prints the id of its image
example() {
    local id
    id=$(example_image "$1") && with_command "$id" "${@:2}"
}
figure() { echo "          $*" >&3; }
restarts() { # ID N
    local before
    before=$(status "$1" .generation)
    for ((i = 0; i < $2; i++)); do docker exec "$1" daemon restart --timeout 1s || return; done
    same "generation" $((before + $2)) "$(status "$1" .generation)"
}
reloads() { # ID N
    local pid code i
    pid=$(status "$1" .pid)
    for ((i = 0; i < $2; i++)); do
        code=0
        docker exec "$1" daemon reload || code=$?
        # 5: nothing has shown that it did; that it lost nothing is what matters here
        case $code in 0 | 5) ;; *) return 1 ;; esac
    done
    same "pid" "$pid" "$(status "$1" .pid)"
}
crash() { docker exec "$1" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"' && within 30 state_is "$1" ready; }
# busy ID: a preflight says that something would be cut
busy() { ! docker exec "$1" daemon preflight >"$SCRATCH/preflight" || { cat "$SCRATCH/preflight"; return 1; }; }

# ---- servers of HTTP

# under_load ID FAILURES COMMAND...: 50 connections a second for 8 s; FAILURES is what may become of some of them
under_load() {
    local id=$1 may=$2 said
    shift 2
    "$HERE/load.py" "$(address "$id")" 8080 8 50 >"$SCRATCH/load" &
    local load=$!
    sleep 1
    said=$("$@" 2>&1) || { wait $load; echo "$* failed: $said"; return 1; }
    wait $load
    figure "$1: $(cat "$SCRATCH/load")"
    same "lost" "0" "$(jq -r ".refused + .other + .reset - ${may:-0}" "$SCRATCH/load")" || { cat "$SCRATCH/load"; return 1; }
    [ "$(jq .ok "$SCRATCH/load")" -gt 300 ] || { echo "too few: $(cat "$SCRATCH/load")"; return 1; }
}
# slow ID PATH: asks for what takes long; whole says what became of it
slow() {
    curl -s -m 60 -o "$SCRATCH/body" "http://$(address "$1"):8080$2" &
    SLOW=$!
    sleep 1
}
whole() { local code=0; wait "$SLOW" || code=$?; same "the slow answer" "0 $1" "$code $(wc -c <"$SCRATCH/body")"; }
# safe ID PATH BYTES [OPTION...]: a safe restart while that is under way
safe() {
    local id=$1 path=$2 bytes=$3 begin answer
    shift 3
    slow "$id" "$path"
    if [ $# = 0 ]; then
        busy "$id" || { echo "it is not busy"; return 1; }
        figure "$(tail -n 1 "$SCRATCH/preflight")"
    fi
    begin=$(millis)
    answer=$(docker exec "$id" daemon restart --safe --wait 50s "$@" 2>&1) || { wait "$SLOW"; echo "$answer"; return 1; }
    figure "safe restart $*: $(($(millis) - begin)) ms"
    whole "$bytes"
}
gives_up() { # ID PATH BYTES
    local code=0 answer before
    before=$(status "$1" .generation)
    slow "$1" "$2"
    answer=$(docker exec "$1" daemon restart --safe --wait 5s 2>&1) || code=$?
    same "exit code" 75 $code && has "answer" "connection to port 8080" "$answer" && whole "$3" &&
        same "generation" "$before" "$(status "$1" .generation)"
}
stops() { # ID PATH BYTES SECONDS: what is under way at the stop is answered
    slow "$1" "$2"
    local begin
    begin=$(millis)
    docker stop -t "$4" "$1" >/dev/null
    figure "docker stop: $(($(millis) - begin)) ms"
    whole "$3" && same "exit code" 0 "$(exit_code "$1")"
}

nginx() {
    local image id
    image=$(example nginx) || { not_ok "nginx: its image"; return; }
    IMAGE=$image
    id=$(start_node) || { not_ok "nginx: it starts"; return; }
    holds "nginx: 5 restarts under load, nothing is lost" under_load "$id" "" restarts "$id" 5
    holds "nginx: 5 reloads under load, nothing is lost" under_load "$id" "" reloads "$id" 5
    holds "nginx: nobody is refused because of a crash under load" under_load "$id" .reset crash "$id"
    holds "nginx: a safe restart waits for a slow answer, which is whole" safe "$id" /slow 200000
    holds "nginx: and gives up in time, and serves on" gives_up "$id" /slow 200000
    docker exec "$id" sh -c 'head -c 50000 /dev/zero >/srv/www/slow'
    holds "nginx: a stop lets an answer end" stops "$id" /slow 50000 10
    # --work none: nobody knows of the slow answer, and QUIT does not wait for it longer than --stop-timeout
    id=$(start_node -e DAEMON_WORK=none -- --preset nginx --listen tcp:0.0.0.0:8080 --ready 'http http://127.0.0.1:8080/' \
        -- nginx -g 'daemon off;') || return
    breaks "nginx: without --work a safe restart is refused" "nothing is known about its work" \
        docker exec "$id" daemon restart --safe
    breaks "nginx: assumed to be idle it cuts the answer" "the slow answer: expected '0 200000'" safe "$id" /slow 200000 --assume-idle
    id=$(start_node -- --preset nginx --ready 'tcp 127.0.0.1:8080' -- nginx -g 'daemon off;') || return
    # it is away for less than the 20 ms between two connections
    breaks "nginx: without a kept socket connections are refused" "lost: expected '0'" under_load "$id" "" restarts "$id" 25
}

gunicorn() {
    local image id app='import time\ndef app(e, s):\n    if e["PATH_INFO"] == "/slow": time.sleep(14)\n    s("200 OK", [("Content-Length", "5")])\n    return [b"whole"]\n'
    image=$(example gunicorn "RUN printf '$app' >/srv/plain.py && rm gunicorn.conf.py") || { not_ok "gunicorn: its image"; return; }
    IMAGE=$image
    local how=(--preset gunicorn --listen tcp:0.0.0.0:8080 --ready 'http http://127.0.0.1:8080/')
    id=$(start_node -- "${how[@]}" --work connections -- gunicorn --workers 2 plain:app) || { not_ok "gunicorn: it starts"; return; }
    holds "gunicorn: a safe restart waits for a slow request, which is answered" safe "$id" /slow 5
    holds "gunicorn: and gives up in time, and serves on" gives_up "$id" /slow 5
    id=$(start_node -- "${how[@]}" -- gunicorn --workers 2 plain:app) || return
    breaks "gunicorn: without --work it is cut" "the slow answer: expected '0 5'" safe "$id" /slow 5 --assume-idle
}

# ---- postgres

sql() { docker exec "$1" psql -XAtq -U postgres -c "$2"; }
# writes ID SECONDS: inserts one number after the other, each its own transaction, and says which were committed
writes() {
    docker exec "$1" sh -c 'end=$(($(date +%s) + $1)); n=0 failed=0
        while [ "$(date +%s)" -lt "$end" ]; do
            if psql -XAtq -U postgres -c "insert into kept values ($n)" >/dev/null 2>&1; then echo "$n"; else failed=$((failed + 1)); fi
            n=$((n + 1))
        done
        echo "$failed" >/tmp/failed' sh "$2" >"$SCRATCH/committed"
}
# keeps ID SECONDS COMMAND...: the command while rows are written: each row that was committed is there
keeps() {
    local id=$1 seconds=$2 said writer
    shift 2
    sql "$id" 'drop table if exists kept; create table kept (n int)' 2>/dev/null || return
    writes "$id" "$seconds" &
    writer=$!
    sleep 1
    said=$("$@" 2>&1) || { wait $writer; echo "$* failed: $said"; return 1; }
    wait $writer
    sql "$id" 'select n from kept order by n' >"$SCRATCH/there"
    figure "$1: $(wc -l <"$SCRATCH/committed") committed, $(docker exec "$id" cat /tmp/failed) not taken"
    [ "$(wc -l <"$SCRATCH/committed")" -gt 20 ] || { echo "too few: $(wc -l <"$SCRATCH/committed")"; return 1; }
    comm -23 <(sort "$SCRATCH/committed") <(sort "$SCRATCH/there") >"$SCRATCH/lost"
    same "committed and not there" "" "$(head -n 3 "$SCRATCH/lost")"
}
query() { # ID: a statement that takes 12 s
    docker exec "$1" psql -XAtq -U postgres -c "select pg_sleep(12), 'whole'" >"$SCRATCH/query" 2>/dev/null &
    QUERY=$!
    sleep 1
}
safe_query() { # ID [OPTION...]
    local id=$1 begin answer
    shift
    query "$id"
    if [ $# = 0 ]; then
        busy "$id" || { echo "it is not busy"; return 1; }
        has "preflight" "query " "$(cat "$SCRATCH/preflight")" || return
        figure "$(tail -n 1 "$SCRATCH/preflight")"
    fi
    begin=$(millis)
    answer=$(docker exec "$id" daemon restart "${@:---safe}" 2>&1) || { echo "$answer"; return 1; }
    wait $QUERY
    figure "restart ${*:---safe}: $(($(millis) - begin)) ms"
    same "the query" "|whole" "$(cat "$SCRATCH/query")"
}
has_memory() { same "work_mem" "$2" "$(sql "$1" 'show work_mem')"; } # ID SIZE
sets() { # ID: a reload applies what is in the file
    docker exec "$1" sh -c 'echo "work_mem = 5432kB" >>/var/lib/postgresql/data/postgresql.conf'
    reloads "$1" 1 >/dev/null && within 10 has_memory "$1" 5432kB >/dev/null
}
closes() { # ID: a stop with a client in a transaction: closed cleanly, and nothing is to be recovered
    docker exec -d "$1" psql -U postgres -c 'begin; select pg_sleep(60)'
    sleep 1
    local begin
    begin=$(millis)
    docker stop -t 30 "$1" >/dev/null
    figure "docker stop: $(($(millis) - begin)) ms"
    same "exit code" 0 "$(exit_code "$1")" && has "log" "database system is shut down" "$(docker logs "$1" 2>&1 | tail -n 20)"
}

postgres() {
    local image id
    image=$(example postgres) || { not_ok "postgres: its image"; return; }
    IMAGE=$image
    id=$(start_node) || { not_ok "postgres: it starts"; return; }
    holds "postgres: 3 restarts under load, what was committed is there" keeps "$id" 12 restarts "$id" 3
    holds "postgres: a crash under load, what was committed is there" keeps "$id" 8 crash "$id"
    holds "postgres: a safe restart waits for a query, which is whole" safe_query "$id"
    breaks "postgres: a forced one cuts it" "the query: expected '|whole'" safe_query "$id" --force
    holds "postgres: a reload applies its configuration" sets "$id"
    holds "postgres: a stop closes it cleanly, with a client in a transaction" closes "$id"
    id=$(start_node -- --user postgres --mkdir /run/postgresql:postgres --ready notify --before init --stop-timeout 3s \
        -- postgres -D /var/lib/postgresql/data) || return
    breaks "postgres: without its preset it is killed" "exit code: expected '0'" closes "$id"
}

for server in $SERVERS; do "$server"; done
