# Functions that see to it that there is a Docker engine and a base image. To be sourced.
# Nothing here ever stops an engine, least of all one that it did not start.

BASE_IMAGE=debian:trixie-slim

say() { printf '%s\n' "-- $*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install PACKAGE...: from Debian, those that are missing; one caller after the other, as apt-get fails
# where another one runs
install() {
    (
        exec 9<"${BASH_SOURCE[0]}"
        flock 9
        install_missing "$@" 9>&-
    )
}

install_missing() {
    local missing=() package
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# ensure_engine: an engine that answers; starts dockerd where none does
ensure_engine() {
    docker info >/dev/null 2>&1 && return
    command -v dockerd >/dev/null || install docker.io iptables
    say "starting dockerd (its log: /var/log/dockerd.log)"
    as_root sh -c 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'
    local tries
    for tries in $(seq 100); do
        docker info >/dev/null 2>&1 && return
        sleep 0.3
    done
    echo "Cannot start a Docker engine: see /var/log/dockerd.log" >&2
    return 1
}

# ensure_base [SUITE...]: debian:trixie-slim, or those of other suites, pulled or, where no registry
# is reachable, made with debootstrap, side by side
ensure_base() {
    local suite missing=() making=() failed=0
    for suite in "${@:-trixie}"; do
        docker image inspect "debian:$suite-slim" >/dev/null 2>&1 ||
            timeout 120 docker pull -q "debian:$suite-slim" >/dev/null 2>&1 || missing+=("$suite")
    done
    [ ${#missing[@]} = 0 ] && return
    install debootstrap
    for suite in "${missing[@]}"; do
        make_base "$suite" &
        making+=($!)
    done
    for suite in "${making[@]}"; do wait "$suite" || failed=1; done
    return $failed
}

make_base() {
    say "making debian:$1-slim with debootstrap: no registry answers"
    local root result=0
    root=$(mktemp -d)
    if as_root debootstrap --variant=minbase "$1" "$root" >"$root.log"; then
        as_root tar -C "$root" --one-file-system --exclude='./proc/*' --exclude='./sys/*' \
            --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -c . |
            docker import - "debian:$1-slim" >/dev/null || result=1
    else
        tail -n 3 "$root.log" >&2
        result=1
    fi
    as_root rm -rf --one-file-system "$root" "$root.log"
    return $result
}

# build_images FOLDER: soleinit/runtime and soleinit/node
build_images() {
    say "building soleinit/node"
    local certificates log
    certificates=$(cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true)
    log=$(mktemp)
    local stage
    for stage in runtime node; do
        if ! docker build -f "$1/docker/Dockerfile" --target "$stage" -t "soleinit/$stage" \
            --build-arg "EXTRA_CA=$certificates" "$1" >"$log" 2>&1; then
            grep -v '^    at ' "$log" | tail -n 40 >&2
            rm -f "$log"
            return 1
        fi
    done
    rm -f "$log"
}
