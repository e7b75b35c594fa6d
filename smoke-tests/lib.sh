# What the phases share. To be sourced by `run` and by each phase, which is a script of its own:
#
#   phase "B: ..."                      what is promised
#   promise() { ... }                   true where it is kept; prints why when it is not
#   holds "sentence" promise ARG...     a check
#   breaks "sentence" REASON promise...  its negative control: the same promise where it cannot hold
#
# Containers and folders made with the functions below go when the phase ends, by their exact ids.

IMAGE=${IMAGE:-soleinit/node}
RESULTS=${RESULTS:-/dev/null}

results() { wc -l <"$RESULTS"; }

ok() { printf 'ok      %s\n' "$1" | tee -a "$RESULTS"; }

# not_ok NAME [REASON]: the reason goes indented below
not_ok() {
    printf 'not ok  %s\n' "$1" | tee -a "$RESULTS"
    if [ -n "${2-}" ]; then printf '%s\n' "$2" | sed 's/^/          /'; fi
}

phase() {
    printf '\n== %s\n' "$1"
    SCRATCH=$(mktemp -d)
    : >"$SCRATCH/containers"
    : >"$SCRATCH/volumes"
    : >"$SCRATCH/networks"
    trap clean_up EXIT
}

clean_up() {
    local id
    while read -r id; do docker rm -f -v "$id" >/dev/null 2>&1; done <"$SCRATCH/containers"
    while read -r id; do docker volume rm "$id" >/dev/null 2>&1; done <"$SCRATCH/volumes"
    while read -r id; do docker network rm "$id" >/dev/null 2>&1; done <"$SCRATCH/networks"
    rm -rf "$SCRATCH"
}

# holds SENTENCE COMMAND...: a check that passes if the command succeeds
holds() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$* failed: $output"; fi
}

# breaks SENTENCE REASON COMMAND...: the negative control, passes if the command fails and says
# REASON (a part of it): a check that fails for another reason shows nothing
breaks() {
    local name="control: $1" reason=$2 output
    shift 2
    if output=$(SLOWNESS=1 "$@" 2>&1); then
        not_ok "$name" "$* held, so the check above proves nothing"
    elif has "$*" "$reason" "$output" >/dev/null; then
        ok "$name ($reason)"
    else
        not_ok "$name" "expected it to fail with '$reason', got: $output"
    fi
}

# same WHAT EXPECTED ACTUAL: for promises; says both when they differ
same() {
    [ "$2" = "$3" ] && return 0
    echo "$1: expected '$2', got '$3'"
    return 1
}

# has WHAT PART TEXT / lacks WHAT PART TEXT
has() {
    case $3 in *"$2"*) return 0 ;; esac
    echo "$1: expected '$2' in: $3"
    return 1
}
lacks() {
    case $3 in *"$2"*) ;; *) return 0 ;; esac
    echo "$1: expected no '$2' in: $3"
    return 1
}

# none_failed WHAT FILE LEAST: by the figures of load.py or clients.py in FILE nobody was refused, cut off or failed in
# another way, and more than LEAST were answered; what failed on the clients' own side says nothing of the daemon
none_failed() {
    same "failed on the clients' own side" 0 "$(jq '.own // 0' "$2")" || { cat "$2"; return 1; }
    same "$1" "0 refused, 0 reset, 0 other" \
        "$(jq -r '"\(.refused) refused, \(.reset) reset, \(.other) other"' "$2")" || return
    [ "$(jq .ok "$2")" -gt "$3" ] || { echo "too few: $(cat "$2")"; return 1; }
}

# within SECONDS COMMAND...: until the command succeeds; its last words if it never does. Seconds of a machine that
# has nothing else to do: one that is shared has SLOWNESS times as many. A control waits no longer than that.
# Arguments are expanded once: what is to be asked anew each time is a function.
within() {
    local seconds=$(($1 * ${SLOWNESS:-3})) output
    shift
    local deadline=$((SECONDS + seconds))
    until output=$("$@" 2>&1); do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "not within $seconds s: $*: $output"
            return 1
        fi
        sleep 0.05
    done
    printf '%s' "$output"
}

# start_node [DOCKER_OPTION...] -- [[SUPERVISOR_OPTION...] --] [COMMAND ARG...]: prints the id of a
# new container of the image, once its daemon is ready, for which it has READY_SECONDS (20)
start_node() {
    local id most=${READY_SECONDS:-20}
    id=$(run_node "$@") || return
    if ! within "$most" docker exec "$id" daemon wait --ready --timeout "${most}s" >"$SCRATCH/wait"; then
        cat "$SCRATCH/wait" >&2
        docker logs "$id" >&2
        return 1
    fi
    echo "$id"
}

# make_network: prints the id of a network of its own, for a container that is stopped and started while its
# clients go on: in the common one its address may be another's meanwhile, who then has their load
make_network() {
    local id
    id=$(docker network create "soleinit-smoke-$$-$RANDOM") || return
    echo "$id" >>"$SCRATCH/networks"
    echo "$id"
}

# run_node ...: the same, without waiting
run_node() {
    local options=() id
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ "${1-}" = -- ] && shift
    id=$(docker run -d "${options[@]}" "$IMAGE" "$@") || return
    echo "$id" >>"$SCRATCH/containers"
    echo "$id"
}

# make_volume: prints the name of a new volume
make_volume() { docker volume create | tee -a "$SCRATCH/volumes"; }

# make_image DOCKERFILE_LINE...: prints the id of an image with more in it than soleinit/node
make_image() { printf '%s\n' "FROM $IMAGE" "$@" | docker build -q -; }

# example_image NAME [BUILD_OPTION...]: prints the id of the image of examples/NAME, with the folder of the image $RUNTIME
example_image() {
    local name=$1
    shift
    sed "s|soleinit/runtime|$RUNTIME|" "$PROJECT/examples/$name/Dockerfile" >"$SCRATCH/Dockerfile" &&
        docker build -q -f "$SCRATCH/Dockerfile" "$@" "$PROJECT" 2>"$SCRATCH/build" ||
        { tail -n 20 "$SCRATCH/build" >&2; return 1; }
}

# with_command IMAGE [DOCKERFILE_LINE...]: prints the id of that image with `daemon` where docker exec finds it, and more
with_command() {
    local image=$1
    shift
    IMAGE=$image make_image 'RUN ln -s /opt/soleinit/bin/daemon /usr/local/bin/daemon' "$@" 2>/dev/null
}

# status ID FIELD: one field of the public status, e.g. .pid or .supervisor.instance
status() { docker exec "$1" daemon status --json | jq -r "$2"; }

# state_is ID WORD
state_is() { same "state" "$2" "$(status "$1" .state)"; }

# address ID: of the container, from here
address() { docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }

# is_rejected ID REASON: the last change of the configuration was not taken
is_rejected() { has "rejected" "$2" "$(status "$1" .configRejected.reason)"; }

# configure ID JSON: replaces node.json as an editor does
configure() {
    docker exec "$1" sh -c 'echo "$1" >/etc/daemon/.new && mv /etc/daemon/.new /etc/daemon/node.json' sh "$2"
}

# processes ID: all in a container, a line each: pid ppid state arguments. Without ps, which the
# image has not, and without what this starts itself.
processes() {
    docker exec "$1" sh -c 'for dir in /proc/[0-9]*; do
        [ "${dir#/proc/}" = $$ ] && continue
        { read -r line <"$dir/stat" && args=$(tr "\0" " " <"$dir/cmdline"); } 2>/dev/null || continue
        set -- ${line##*) }
        [ "$2" = $$ ] && continue
        echo "${dir#/proc/} $2 $1 $args"
    done'
}

# exit_code ID: of a container that has ended
exit_code() { docker inspect -f '{{.State.ExitCode}}' "$1"; }

# millis: of a clock, for differences
millis() { echo $(($(date +%s%N) / 1000000)); }
