# The images that soleinit has to run in, from Debian's packages alone. To be sourced, with
# docker/engine.sh.
#
#   debian:trixie-slim  debian:bookworm-slim  debian:bullseye-slim
#   soleinit-test/musl       musl and busybox, no glibc
#   soleinit-test/scratch    one static program; no shell, no /etc/passwd, no /tmp
#   soleinit-test/tools      the programs of the test itself
#   soleinit-test/daemons    daemons of Debian's, for 11-presets.sh

# the image that the folder is copied from
RUNTIME=${RUNTIME:-soleinit/runtime}

ensure_images() {
    local folder=${BASH_SOURCE[0]%/*}/images stage log
    ensure_base trixie bookworm bullseye || return
    for stage in tools musl scratch; do
        # always built: that takes a moment if nothing has changed
        log=$(docker build --target "$stage" -t "soleinit-test/$stage" "$folder" 2>&1) ||
            { tail -n 20 <<<"$log" >&2; return 1; }
    done
}

# make_daemons_image: prints the id of an image with the daemons of images/daemons and the folder
make_daemons_image() {
    local folder=${BASH_SOURCE[0]%/*}/images/daemons name=${DAEMONS_IMAGE:-soleinit-test/daemons} log
    ensure_base || return
    # always built: that takes a moment if nothing has changed
    log=$(docker build -t "$name" "$folder" 2>&1) || { tail -n 20 <<<"$log" >&2; return 1; }
    printf '%s\n' "FROM $name" "COPY --from=$RUNTIME /opt/soleinit /opt/soleinit" \
        'RUN ln -s /opt/soleinit/bin/daemon /usr/local/bin/daemon' \
        'ENV DAEMON_SUPERVISOR=container' 'ENTRYPOINT ["/opt/soleinit/bin/entrypoint"]' | docker build -q -
}

# base_of NAME
base_of() {
    case $1 in
        musl|scratch) echo "soleinit-test/$1" ;;
        *) echo "debian:$1-slim" ;;
    esac
}

# make_test_image NAME: prints the id of that image with the test daemon, the folder (as the README
# says) and, except in scratch, a user alice
make_test_image() {
    local user=()
    case $1 in
        musl|scratch) ;;
        *) user=('RUN echo alice:x:1235:1236::/srv/alice:/bin/sh >>/etc/passwd \' \
            '&& printf "%s\n" alice:x:1236: extra:x:1240:alice >>/etc/group') ;;
    esac
    printf '%s\n' "FROM $(base_of "$1")" "${user[@]}" \
        'COPY --from=soleinit-test/tools /testdaemon /testdaemon' \
        "COPY --from=$RUNTIME /opt/soleinit /opt/soleinit" \
        'ENV DAEMON_SUPERVISOR=container PATH=/opt/soleinit/bin:/usr/bin:/bin' \
        'ENTRYPOINT ["/opt/soleinit/bin/entrypoint"]' | docker build -q -
}

# export_root IMAGE FOLDER: unpacks the image's file system
export_root() {
    local id
    id=$(docker create "$1" none) || return
    mkdir -p "$2" && docker export "$id" | tar -C "$2" -x
    docker rm "$id" >/dev/null
}
