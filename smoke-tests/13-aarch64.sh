#!/usr/bin/env bash
# The launcher's roles on aarch64, under qemu's emulation of user programs. What it executes is a program
# of this machine: the kernel, not qemu, sees to that.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../docker/engine.sh"
phase "aarch64: the launcher under qemu"

# install is engine.sh's
install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static binutils gcc || exit
QEMU=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || exit
build=$(dirname "${BASH_SOURCE[0]}")/../docker/entrypoint/build
folder=$SCRATCH/soleinit
launcher=$folder/bin/daemon
mkdir -p "$folder/bin" "$folder/lib" "$folder/runtime/bin" "$SCRATCH/run"
chmod 755 "$SCRATCH"

is_for_aarch64() {
    has "machine" AArch64 "$(readelf -h "$1")" && lacks "program headers" INTERP "$(readelf -l "$1")"
}
run() { "$QEMU" "$launcher" "$@"; }

holds "it builds with a cross compiler" env CC=aarch64-linux-gnu-gcc "$build" "$launcher"
holds "it is one static program for aarch64" is_for_aarch64 "$launcher"
echo 'int main(void) { return 0; }' | aarch64-linux-gnu-gcc -x c - -o "$SCRATCH/shared"
breaks "what the same compiler makes without options is not static" "no 'INTERP'" is_for_aarch64 "$SCRATCH/shared"

# ---- exec

becomes() {
    same "what the program finds" "$1" "$(run --exec -d / -m 027 -n 512 "${@:2}" -- sh -c \
        'echo $(id -u) $(id -g) $(id -G) $(pwd) $(umask) $(ulimit -n) $(sed -n "s/^SigBlk:.//p" /proc/self/status)')"
}
passes_listen_pid() {
    has "sockets" same "$(run --exec -l 1 -- sh -c '[ "$LISTEN_PID" = $$ ] && echo same' 3</dev/null)"
}
reports() {
    run --exec -e 5 -- "$1" 5>"$SCRATCH/record"
    same "exit code" "$2" $? && has "record" "$3" "$(cat "$SCRATCH/record")"
}
holds "exec sets groups, user, directory, mask, limit, and unblocks signals" \
    becomes "65534 65533 65533 65532 / 0027 512 0000000000000000" -u 65534 -g 65533 -G 65532
breaks "without -u it stays who it was" "expected '65534" becomes "65534 65533 65533 65532 / 0027 512 0000000000000000"
holds "exec tells the process its own LISTEN_PID" passes_listen_pid
holds "a missing program is reported with its stage" reports no-such-program 127 "search 2 "
holds "a file that is no program, too" reports /etc/passwd 126 "exec 13 /etc/passwd"

# ---- ready

sleep 100 &
sleeper=$!
ticks=$(sed 's/.*) //' /proc/$sleeper/stat | cut -d ' ' -f 20)
publish() {
    printf '{"instance":"i","pid":%s,"startTicks":%s}' $sleeper "$1" >"$SCRATCH/run/supervisor.json"
    printf '{"instance":"i","bootId":"%s","pid":%s,"startTicks":%s,"phase":"ready"}' \
        "$(cat /proc/sys/kernel/random/boot_id)" $sleeper "$ticks" >"$SCRATCH/run/generation.json"
}
is_ready() {
    publish "$1"
    run status --ready --run-dir "$SCRATCH/run"
}
holds "status --ready reads what is published" is_ready "$ticks"
breaks "of a process that started at another time" "does not run" is_ready 1
kill $sleeper

# ---- launch

# masked VERB BIT: what the JVM of that verb gets; qemu keeps SEGV and BUS, and 32 and 33 are its own C library's
masked() {
    local output mask signal
    output=$(run "$1" 2>&1)
    has "arguments" "--inhibit-cache --library-path $folder/lib/c $folder/runtime/bin/java" "$output" || return
    mask=0x${output##*blocked }
    for signal in 1 2 3 10 12 13 15 17 28 34 64; do
        same "signal $signal is blocked" "$2" $((mask >> (signal - 1) & 1)) || return
    done
}
says() { has "the one line" "$1" "$(run version 2>&1)"; }

breaks "alone, without its folder" "works only within its folder" run version
echo lib/contents >"$folder/lib/contents"
printf '%s\n' '#!/bin/sh' 'echo "$@" blocked $(sed -n "s/^SigBlk:.//p" /proc/self/status)' >"$folder/runtime/bin/soleinit"
chmod 755 "$folder/runtime/bin/soleinit"
holds "launch executes the folder's loader, for a supervisor with all signals blocked" masked supervise 1
holds "and for any other command with none" masked version 0
# the loader as a program of a machine that no kernel knows: e_machine is at byte 18
cp "$launcher" "$folder/runtime/bin/soleinit"
printf '\376\376' | dd of="$folder/runtime/bin/soleinit" bs=1 seek=18 conv=notrunc status=none
holds "a folder of another architecture is one clear line" says "built for another machine"
