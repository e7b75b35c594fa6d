# The images that soleinit is to run in, of Debian's packages alone. To be sourced, with docker/engine.sh.
#
#   debian:trixie-slim  debian:bookworm-slim  debian:bullseye-slim
#   soleinit-test/musl       musl and busybox, no glibc
#   soleinit-test/scratch    one static program; no shell, no /etc/passwd, no /tmp
#   soleinit-test/tools      what the script itself needs

RUNTIME=${RUNTIME:-soleinit/runtime}

ensure_images() {
    local folder=${BASH_SOURCE[0]%/*}/images stage log
    ensure_base trixie bookworm bullseye || return
    for stage in tools musl scratch; do
        # one that has nothing to do takes a moment, and no old tool stays
        log=$(docker build --target "$stage" -t "soleinit-test/$stage" "$folder" 2>&1) ||
            { tail -n 20 <<<"$log" >&2; return 1; }
    done
}

# base_of NAME
base_of() {
    case $1 in
        musl|scratch) echo "soleinit-test/$1" ;;
        *) echo "debian:$1-slim" ;;
    esac
}

# make_test_image NAME: prints the id of that image with the folder in it, as the README does it, and
# the test daemon; where it has a user database, a user alice in it
make_test_image() {
    local user=()
    case $1 in musl|scratch) ;; *) user=(
        'RUN echo alice:x:1235:1236::/srv/alice:/bin/sh >>/etc/passwd
RUN printf "%s\n" alice:x:1236: extra:x:1240:alice >>/etc/group') ;;
    esac
    printf '%s\n' "FROM $(base_of "$1")" "${user[@]}" \
        'COPY --from=soleinit-test/tools /testdaemon /testdaemon' \
        "COPY --from=$RUNTIME /opt/soleinit /opt/soleinit" \
        'ENV DAEMON_SUPERVISOR=container PATH=/opt/soleinit/bin:/usr/bin:/bin' \
        'ENTRYPOINT ["/opt/soleinit/bin/entrypoint"]' | docker build -q -
}

# export_root IMAGE FOLDER: what is in the image, as root would find it
export_root() {
    local id
    id=$(docker create "$1" none) || return
    mkdir -p "$2" && docker export "$id" | tar -C "$2" -x
    docker rm "$id" >/dev/null
}
