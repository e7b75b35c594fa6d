#!/usr/bin/env bash
# What others see over HTTP: promtool and a real Prometheus take the metrics, a real browser the page, which
# shows a restart from "deferred" to "ready" without being loaded again.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../docker/engine.sh"
phase "http: probes, metrics and the page, as others see them"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HOME_DIR=${SOLEINIT_HOME:-$HERE/../target/soleinit}
PORT=9917
URL=http://127.0.0.1:$PORT
export DAEMON_RUN_DIR=$SCRATCH/run DAEMON_STATE_DIR=$SCRATCH/state
install prometheus chromium jq curl python3 || { not_ok "Debian's prometheus and chromium"; exit; }
[ -x "$HOME_DIR/bin/entrypoint" ] || { not_ok "the folder is built"; exit; }

# A daemon with a session that ends when the file "release" appears.
cat >"$SCRATCH/daemon.py" <<'EOF'
import json, os, signal, socket, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
def say(method, **params):
    s.sendall((json.dumps({"jsonrpc": "2.0", "method": method, "params": params}) + "\n").encode())
say("attach", token=os.environ["DAEMON_TOKEN"], generation=int(os.environ["DAEMON_GENERATION"]))
say("ready")
busy = os.environ["DAEMON_GENERATION"] == "1"
if busy:
    say("work.begin", id="s1", kind="session", description="<b>a long talk</b>")
s.setblocking(False)
left = b""
while True:
    time.sleep(0.05)
    try:
        left += s.recv(65536)
    except BlockingIOError:
        pass
    *lines, left = left.split(b"\n")
    for line in map(json.loads, lines):
        if "method" in line and "id" in line:
            s.sendall((json.dumps({"jsonrpc": "2.0", "id": line["id"], "result": {}}) + "\n").encode())
            if line["method"] == "drain" and not busy:
                say("drained")
    if busy and os.path.exists(os.environ["DAEMON_STATE_DIR"] + "/release"):
        say("work.end", id="s1"); say("drained"); busy = False
EOF
unshare --pid --fork --mount-proc --kill-child "$HOME_DIR/bin/entrypoint" --ready attach \
    --http "tcp:127.0.0.1:$PORT" -- python3 "$SCRATCH/daemon.py" >"$SCRATCH/log" 2>&1 &
SUPERVISOR=$!
SCRAPER=
# unshare ignores TERM; with KILL its namespace goes, too
trap 'kill -KILL $SUPERVISOR $SCRAPER 2>/dev/null; wait $SUPERVISOR $SCRAPER 2>/dev/null; clean_up' EXIT

answers() { has "$1" "$2" "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$URL$1")"; }
within 30 answers /readyz 200 >/dev/null || { not_ok "it gets ready" "$(cat "$SCRATCH/log")"; exit; }

# ---- metrics

checked() { "${1:-cat}" <"$SCRATCH/metrics" | promtool check metrics; }
without_help() { grep -v '^# HELP'; }
curl -s -m 5 "$URL/metrics" >"$SCRATCH/metrics"
holds "promtool finds nothing wrong with the metrics" checked
breaks "promtool finds a metric without words" "no help text" checked without_help

fast_scrape() {
    local took
    took=$(for _ in 1 2 3 4 5 6 7 8 9; do curl -s -m 5 -o /dev/null -w '%{time_total}\n' "$URL/metrics"; sleep 0.3; done |
        sort -n | head -n 1)
    awk -v t="$took" -v max="$1" 'BEGIN { if (t > max) { print "a scrape took " t " s"; exit 1 } }'
}
holds "the fastest of nine scrapes takes less than 50 ms, on a busy machine, too" fast_scrape 0.05
breaks "a scrape takes less than a microsecond" "a scrape took" fast_scrape 0.000001

cat >"$SCRATCH/prometheus.yml" <<EOF
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: soleinit
    static_configs: [{targets: ["127.0.0.1:$PORT"]}]
EOF
prometheus --config.file="$SCRATCH/prometheus.yml" --storage.tsdb.path="$SCRATCH/tsdb" \
    --web.listen-address=127.0.0.1:9918 >"$SCRATCH/prometheus.log" 2>&1 &
SCRAPER=$!
# query EXPRESSION VALUE: what Prometheus knows by now
query() {
    same "$1" "$2" "$(curl -s -m 5 -G --data-urlencode "query=$1" http://127.0.0.1:9918/api/v1/query |
        jq -r '.data.result[0].value[1] // "nothing"')"
}
holds "Prometheus scrapes it" within 30 query 'up{job="soleinit"}' 1
holds "Prometheus sees the work" within 20 query 'soleinit_work_blockers{kind="session"}' 1
breaks "Prometheus sees work of a kind that there is not" "nothing" query 'soleinit_work_blockers{kind="no"}' 1

# ---- a restart, watched

watch_page() { python3 "$HERE/browser.py" "$URL/" "$@"; }
watch_page 60 "ready generation 1" "a long talk" "Restarts that wait" "safe: no active work" "ready generation 2" \
    >"$SCRATCH/browser" 2>&1 &
BROWSER=$!
within 40 grep -q "seen: a long talk" "$SCRATCH/browser" >/dev/null
"$HOME_DIR/bin/daemon" restart --safe --no-block >"$SCRATCH/restart" 2>&1
within 20 grep -q "seen: Restarts" "$SCRATCH/browser" >/dev/null
touch "$SCRATCH/state/release"
if wait "$BROWSER"; then
    ok "a browser sees a restart from deferred to ready"
else
    not_ok "a browser sees a restart from deferred to ready" "$(cat "$SCRATCH/browser" "$SCRATCH/restart")"
fi
breaks "a browser sees what never was" "not seen within" watch_page 10 "ready generation 1"
holds "Prometheus has counted the restart" within 20 query 'soleinit_daemon_starts_total' 2
no_script() { has "the page" "generation 2" "$(curl -s -m 5 "$URL/")"; }
holds "the page says it without scripting, too" no_script

# ---- probes

ready_while() {
    "$HOME_DIR/bin/daemon" "$1" >/dev/null 2>&1
    answers /readyz "$2" && answers /livez 200 && answers /startupz 200
}
holds "a held daemon is not ready, its supervisor alive" ready_while stop 503
breaks "a held daemon is ready" "200" ready_while stop 200
holds "and ready again" ready_while start 200
