#!/usr/bin/env bash
# openclaw, the real one, from npm: its own blockers, its own restarts and its state, under a supervisor.
#   GATEWAY_SECONDS=240                    how long the gateway may take to get ready
#   PARTS="in_process by_process without"   only these
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
RUNTIME=${RUNTIME:-soleinit/runtime}
PATIENCE=${GATEWAY_SECONDS:-240}
phase "openclaw: a gateway restarts without losing a cron run, and never twice"

certificates=$(cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true)

begin=$(millis)
openclaw=$(example_image openclaw --build-arg "EXTRA_CA=$certificates" 2>"$SCRATCH/why") ||
    { not_ok "openclaw: its image" "$(cat "$SCRATCH/why")"; exit 1; }
IMAGE=$(with_command "$openclaw") || exit
echo "          image made in $(($(millis) - begin)) ms"

TOKEN=$(head -c 16 /proc/sys/kernel/random/uuid)
PRESET=(--preset openclaw --user openclaw --container-stop-timeout 40s)
GATEWAY=(openclaw gateway run --bind loopback --auth token)
# gateway [DOCKER_OPTION...] -- [SUPERVISOR_OPTION...]: prints the id of one that is ready
gateway() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    READY_SECONDS=$PATIENCE start_node -e "OPENCLAW_GATEWAY_TOKEN=$TOKEN" "${options[@]}" -- "${PRESET[@]}" "$@" -- "${GATEWAY[@]}"
}
claw() { local id=$1; shift; docker exec -u openclaw "$id" openclaw "$@"; }
newer_is_ready() { [ "$(status "$1" .generation)" -gt "$2" ] && state_is "$1" ready; }
generation_is() { same "generation and state" "$2 ready" "$(status "$1" '"\(.generation) \(.state)"')"; }
log_of() { docker logs "$1" 2>&1; }
# keeps SENTENCE PROMISE ID ARG...: a check that shows the end of the log of the container ID, too, where it fails
keeps() {
    local name=$1
    shift
    holds "$name" or_its_log "$@"
}
or_its_log() { "$@" || { echo "the end of its log:"; log_of "$2" | tail -n 40; return 1; }; }

# ---- work

# busy ID SECONDS: a cron run that takes so long; prints the id of its job
busy() {
    local job
    job=$(claw "$1" cron add --name "slow-$2-$RANDOM" --every 30d --command "sleep $2" --json | jq -r .id) &&
        claw "$1" cron run "$job" >/dev/null && echo "$job"
}
run_state() { claw "$1" cron runs --id "$2" | jq -r '.entries[0].status // "none"'; }

shows_blockers() {
    local text
    text=$(docker exec "$1" daemon preflight --json) && { echo "it is not busy: $text"; return 1; }
    has "preflight" '"kind":"cron-run"' "$text" && has "preflight" '"cronRuns":1' "$text"
}
waits_for_it() { # ID: a safe restart gives up in time, and nothing has happened; a longer one waits, and the run is not cut
    local job pid answer code=0
    job=$(busy "$1" 40) && pid=$(status "$1" .pid) || return
    within 20 shows_blockers "$1" >/dev/null || { shows_blockers "$1"; return 1; }
    docker exec "$1" daemon preflight | sed 's/^/          /' >&3
    answer=$(docker exec "$1" daemon restart --safe --wait 15s 2>&1) || code=$?
    same "exit code" 75 $code && has "answer" "cron-run: 1 active cron run(s)" "$answer" || return
    same "pid" "$pid" "$(status "$1" .pid)" || return
    answer=$(docker exec "$1" daemon restart --safe --wait 300s 2>&1) || { echo "$answer"; return 1; }
    same "the cron run" ok "$(run_state "$1" "$job")"
}
cuts_it() { # ID: the control
    local job
    job=$(busy "$1" 100) && docker exec "$1" daemon restart --force >/dev/null || return
    same "the cron run" ok "$(run_state "$1" "$job")"
}

# ---- restarts of its own

# reloads ID: in its own process, and seen
reloads() {
    local before pid answer begin
    before=$(status "$1" .generation) pid=$(status "$1" .pid) begin=$(millis)
    answer=$(docker exec "$1" daemon reload 2>&1) || { echo "$answer"; return 1; }
    echo "          daemon reload: $(($(millis) - begin)) ms" >&3
    same "generation and pid" "$((before + 1)) $pid" "$(status "$1" '"\(.generation) \(.pid)"')" &&
        same "confirmed" true "$(status "$1" .reloadConfirmed)"
}
by_itself() { # ID: openclaw restarts because somebody has asked openclaw
    local before pid
    before=$(status "$1" .generation) pid=$(status "$1" .pid)
    claw "$1" gateway call gateway.restart.request --params '{"reason":"by itself"}' --json >/dev/null || return
    within "$PATIENCE" generation_is "$1" $((before + 1)) >/dev/null || { generation_is "$1" $((before + 1)); return 1; }
    same "pid" "$pid" "$(status "$1" .pid)"
}
# edit ID N: its own watcher restarts the gateway for this
edit() {
    docker exec -i -u openclaw -w /home/openclaw/.openclaw "$1" node - "$2" <<'JS'
const fs = require("fs"), config = JSON.parse(fs.readFileSync("openclaw.json"));
config.gateway.tls = { enabled: false, certPath: `/tmp/${process.argv[2]}.pem` };
fs.writeFileSync("openclaw.json.new", JSON.stringify(config, null, 2));
fs.renameSync("openclaw.json.new", "openclaw.json");
JS
}
edits() { # ID N SECONDS JUDGE: so many edits in as many seconds; each is followed at last, and JUDGE finds nothing amiss
    local id=$1 before i
    before=$(status "$1" .generation)
    for ((i = 1; i <= $2; i++)); do edit "$1" $i || return; sleep $(($3 / $2)); done
    followed() { newer_is_ready "$id" "$before" && sleep 4 && state_is "$id" ready; }
    # a start that was under way may be refused yet, and the one after it takes its time
    within $((PATIENCE * 2)) followed >/dev/null || { status "$1" '"\(.generation) \(.state)"'; return 1; }
    echo "          $2 edits: generation $before -> $(status "$1" .generation)" >&3
    "$4" "$1"
}
never_failed() {
    same "failures" 0 "$(status "$1" .failures)" && lacks "log" "backing-off" "$(log_of "$1")"
}
# No exit 0 is a failure, and who has served ends with no other. What openclaw calls a failure of its own start is one: on a slow
# machine a process that reads its configuration as it changes ends with 1 ("Retry startup").
asked_for_itself() { # ID
    log_of "$1" | awk '
        function bad(why) { print why ": " $0; failed = 1; exit 1 }
        !/ INFO soleinit - generation / { next }
        /: backing-off$/ && asked { bad("an exit 0 was a failure") }
        { asked = /: exit 0, exited by itself$/ }
        / ended after / && !/: exit [0-9]+, exited by itself$/ { bad("it did not end by itself") }
        / ended after / && !asked { if (ready) bad("it had served"); refused++ }
        { ready = /: ready$/ }
        END { if (refused && !failed) print "          openclaw itself has failed to start: " refused " times" | "cat >&3" }'
}

# ---- ends

killed() { # VOLUMES...: kill -9 of the container, then the same state
    local id=$1 before
    before=$(status "$id" .generation)
    docker kill "$id" >/dev/null && docker start "$id" >/dev/null || return
    within "$PATIENCE" generation_is "$id" $((before + 1)) >/dev/null || { log_of "$id" | tail -n 5; return 1; }
    claw "$id" cron list --json | jq -e '[.jobs[] | select(.name | startswith("slow-"))] | length >= 1' >/dev/null ||
        { echo "its cron jobs are gone"; return 1; }
}
crashes() { # ID: kill -9 of the gateway
    local before
    before=$(status "$1" .generation)
    docker exec "$1" sh -c 'kill -9 "$(cat /run/daemon/daemon.pid)"'
    within "$PATIENCE" generation_is "$1" $((before + 1)) >/dev/null || generation_is "$1" $((before + 1))
}
second_refused() { # ID: neither by daemon start nor by openclaw itself
    local pid before code=0
    pid=$(status "$1" .pid) before=$(status "$1" .generation)
    has "answer" "pid $pid" "$(docker exec "$1" daemon start 2>&1)" || return
    docker exec -u openclaw "$1" timeout 60 "${GATEWAY[@]}" >"$SCRATCH/second" 2>&1 || code=$?
    [ $code != 0 ] || { echo "a second gateway has run: $(tail -n 3 "$SCRATCH/second")"; return 1; }
    same "pid and generation" "$pid $before" "$(status "$1" '"\(.pid) \(.generation)"')" &&
        same "gateways" 1 "$(processes "$1" | grep -c 'openclaw-gateway')"
}
stops() { # ID
    local begin
    begin=$(millis)
    docker stop -t 40 "$1" >/dev/null
    echo "          docker stop: $(($(millis) - begin)) ms" >&3
    same "exit code" 0 "$(exit_code "$1")" && has "log" "exit 0, the supervisor was told to end" "$(log_of "$1" | tail -n 5)"
}
exec 3>&1

in_process() {
    local id begin
    begin=$(millis)
    id=$(gateway -- --ready notify 2>"$SCRATCH/reason") || { not_ok "openclaw: it gets ready" "$(tail -n 20 "$SCRATCH/reason")"; return; }
    echo "          ready after $(($(millis) - begin)) ms"
    holds "it is idle, and its own preflight says so" within 60 docker exec "$id" daemon preflight
    keeps "a safe restart waits for a cron run, gives up in time, and does not cut it" waits_for_it "$id"
    breaks "a forced restart cuts it" "expected 'ok'" cuts_it "$id"
    keeps "daemon reload is its restart in its own process, and is seen" reloads "$id"
    keeps "a restart that it was asked for itself is a new generation" by_itself "$id"
    keeps "ten edits of its configuration in a minute never back off" edits "$id" 10 60 never_failed
    keeps "a crash is followed by a new generation" crashes "$id"
    keeps "a second gateway is refused" second_refused "$id"
    keeps "kill -9 of the container, and the same state again" killed "$id"
    keeps "it stops with 0 and is not killed" stops "$id"
}

# a process for each restart: openclaw ends with 0, which means "restart me"
exits() { # ID
    local before pid
    before=$(status "$1" .generation) pid=$(status "$1" .pid)
    claw "$1" gateway call gateway.restart.request --params '{"reason":"by itself"}' --json >/dev/null || return
    gone() { [ "$(status "$1" .pid)" != "$pid" ] && [ "$(status "$1" .lastExit.code)" = 0 ]; }
    within "$PATIENCE" gone "$1" >/dev/null || { echo "it has not ended with 0: $(status "$1" .lastExit)"; return 1; }
    never_failed "$1" || return
    within $((PATIENCE * 2)) newer_is_ready "$1" "$before"
}
by_process() {
    local id
    id=$(gateway -e OPENCLAW_NO_RESPAWN=0 -- --ready notify) || { not_ok "openclaw: it gets ready with OPENCLAW_NO_RESPAWN=0"; return; }
    keeps "its exit 0 means \"restart me\", and is no failure" exits "$id"
    keeps "ten edits of its configuration in a minute do not back off, as processes" edits "$id" 10 60 asked_for_itself
    docker rm -f "$id" >/dev/null
    id=$(gateway -e OPENCLAW_NO_RESPAWN=0 -e DAEMON_RESTART_EXIT= -- --ready notify --healthy-after 1h) ||
        { not_ok "openclaw: it gets ready without --restart-exit 0"; return; }
    breaks "without --restart-exit 0 it backs off" "failures: expected '0'" exits "$id"
    breaks "and its exit 0 is seen to be a failure" "an exit 0 was a failure" asked_for_itself "$id"
    docker rm -f "$id" >/dev/null
}
without() {
    local id
    id=$(gateway -- --ready 'http http://127.0.0.1:18789/readyz' --reload-signal USR1) ||
        { not_ok "openclaw: it gets ready with the signal of older versions"; return; }
    breaks "with the signal of older versions nothing reloads, and that is said" "unconfirmed" reloads "$id"
}
for part in ${PARTS:-in_process by_process without}; do "$part"; done
