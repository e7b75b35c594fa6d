#!/usr/bin/env bash
# An application of Spring Boot on Tomcat, with the starter, under requests of 300 ms each: none is lost in restarts, safe
# restarts and a stop, and after a crash nobody is refused. The same application under tini loses hundreds.
#   SPRING_RESTARTS=20 SPRING_RATE=200 smoke-tests/run 20     the whole figure; less in a run of everything
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
HERE=$(dirname "${BASH_SOURCE[0]}")
PROJECT=$(cd "$HERE/.." && pwd -P)
RUNTIME=${RUNTIME:-soleinit/runtime}
RESTARTS=${SPRING_RESTARTS:-4}
RATE=${SPRING_RATE:-100}
READY_SECONDS=120
phase "Spring Boot: $RESTARTS restarts under $RATE requests/s"

if [ ! -e "$PROJECT/examples/spring/target/app.jar" ]; then
    not_ok "the application is built" "examples/spring/target/app.jar is missing: mvn -DskipTests package"
    exit 1
fi
app=$(example_image spring 2>"$SCRATCH/why") || { not_ok "its image" "$(cat "$SCRATCH/why")"; exit 1; }
supervised=$(with_command "$app") || exit
exec 3>&1

# load ID: in the background until it is told to end; the figures are in $SCRATCH/load
load() {
    PATIENCE=60 "$HERE/clients.py" "$(address "$1")" 8080 until:"$SCRATCH/stop" "$RATE" 0 /slow/300 >"$SCRATCH/load" &
    LOAD=$!
    sleep 2
}
end_load() {
    sleep 1
    : >"$SCRATCH/stop"
    wait $LOAD
    rm -f "$SCRATCH/stop"
    echo "          $(cat "$SCRATCH/load")" >&3
}
nothing_lost() {
    none_failed "lost" "$SCRATCH/load" "$RATE" && same "503 without Retry-After" 0 "$(jq .bare "$SCRATCH/load")"
}

# stalled DESCRIPTORS: so many may the clients have open of somebody who takes their connections late
stalled() {
    : >"$SCRATCH/port"
    python3 - >"$SCRATCH/port" <<'PYTHON' &
import select, socket, time
server = socket.create_server(("127.0.0.1", 0), backlog=4096)
print(server.getsockname()[1], flush=True)
select.select([server], [], [])
time.sleep(2.5)
while True:
    client, _ = server.accept()
    client.recv(4096)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    client.close()
PYTHON
    local server=$!
    within 10 test -s "$SCRATCH/port"
    (ulimit -n "$1" && "$HERE/clients.py" 127.0.0.1 "$(cat "$SCRATCH/port")" 3 "$RATE" 0 /) >"$SCRATCH/load"
    kill $server
    none_failed "lost" "$SCRATCH/load" "$((2 * RATE))"
}
holds "the clients lose nothing by themselves" stalled "$(ulimit -Hn)"
breaks "with too few descriptors they say that it is their own failure" "failed on the clients' own side" stalled 100

# who has waited for the start is served, and a request takes its time again
recovered() {
    curl -s -m 5 -o /dev/null -w '%{http_code} %{time_total}' -X POST "http://$(address "$1"):8080/slow/300" |
        awk '{ exit !($1 == 200 && $2 < 0.8) }'
}
# restarts ID OPTION...: so many restarts under load, each when the one before is over for the clients, too
restarts() {
    local id=$1 before i code=0
    shift
    before=$(status "$id" .generation)
    load "$id"
    for ((i = 0; i < RESTARTS; i++)); do docker exec "$id" daemon restart "$@" && within 60 recovered "$id" || { code=1; break; }; done
    end_load
    [ $code = 0 ] && same "generation" $((before + RESTARTS)) "$(status "$id" .generation)" && nothing_lost
}
# a request that lasts holds a safe restart up, is named, and is not cut
safe() {
    local answer
    curl -s -m 30 -o /dev/null -w '%{http_code}' -X POST "http://$(address "$1"):8080/slow/3000" >"$SCRATCH/code" &
    local asked=$!
    sleep 0.5
    has "preflight" "POST /slow/3000" "$(docker exec "$1" daemon preflight)" || return
    answer=$(docker exec "$1" daemon restart --safe --wait 60s 2>&1) || { echo "$answer"; return 1; }
    wait $asked
    same "answer" 200 "$(cat "$SCRATCH/code")"
}
# after kill -9 nobody who connects is refused; what ran is lost, which is said
crash() {
    local before
    before=$(status "$1" .generation)
    load "$1"
    docker exec "$1" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'
    docker exec "$1" daemon wait --generation $((before + 1)) --timeout 120s >/dev/null || return
    end_load
    same "refused and other" "0 0" "$(jq -r '"\(.refused) \(.other)"' "$SCRATCH/load")"
}
stops() {
    curl -s -m 20 -o /dev/null -w '%{http_code}' -X POST "http://$(address "$1"):8080/slow/1500" >"$SCRATCH/code" &
    local asked=$!
    sleep 0.5
    docker stop -t 20 "$1" >/dev/null
    wait $asked
    same "answer and exit code" "200 0" "$(cat "$SCRATCH/code") $(exit_code "$1")"
}
health() { has "health" '"attached":true' "$(curl -s -m 10 "http://$(address "$1"):8080/actuator/health")"; }

IMAGE=$supervised
# a JVM that starts beside as much load as this takes its time
id=$(start_node -- --preset spring --ready attach --ready-timeout 3m --listen "tcp:0.0.0.0:8080 name=http" -- \
    java -jar app.jar) || { not_ok "it starts"; exit 1; }
holds "Actuator knows of the supervisor" health "$id"
holds "$RESTARTS restarts, and nothing is lost" restarts "$id"
holds "$RESTARTS overlapping restarts, and nothing is lost" restarts "$id" --overlap
holds "a safe restart waits for a request, and names it" safe "$id"
holds "a crash refuses nobody" crash "$id"
holds "a stop lets a request end" stops "$id"

# ---- controls

WHOLE=$RESTARTS RESTARTS=2
id=$(start_node -- --preset spring --ready attach --ready-timeout 3m -- java -jar app.jar) || exit
breaks "without kept sockets, connections are refused" "refused" restarts "$id"

# orchestrated ID: under tini, stopped and started from outside
orchestrated() {
    local i
    load "$1"
    for ((i = 0; i < RESTARTS; i++)); do
        docker stop -t 20 "$1" >/dev/null && docker start "$1" >/dev/null || return
        within 120 curl -s -m 1 -o /dev/null "http://$(address "$1"):8080/actuator/health" >/dev/null || return
    done
    end_load
    nothing_lost
}
IMAGE=$app
IMAGE=$(make_image 'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends tini >/dev/null' \
    'ENTRYPOINT ["/usr/bin/tini", "--"]' 'CMD ["java", "-jar", "app.jar"]' 2>/dev/null) || exit
# the whole figure has as many restarts on both sides
if [ "$WHOLE" -gt 4 ]; then RESTARTS=$WHOLE; fi
network=$(make_network) && id=$(run_node --network "$network" --) || exit
within 120 curl -sf -m 1 -o /dev/null "http://$(address "$id"):8080/actuator/health" >/dev/null || exit
breaks "under tini, stopped and started by its orchestrator, requests are lost" "lost: expected '0 refused" orchestrated "$id"
