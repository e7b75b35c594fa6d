#!/usr/bin/env bash
# The launcher's C under the compiler's analyzer and the sanitizers: odd command lines, and published
# files with random damage. A byte read where none is, or undefined arithmetic, ends it with a report.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "launcher: no undefined behaviour, whatever it is given"

SOURCES=$(cd "$(dirname "${BASH_SOURCE[0]}")/../docker/entrypoint" && pwd)
STRICT=(-std=gnu11 -Wall -Wextra -Werror -Wformat=2)
export ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

analyzed() {
    local source
    for source in "$SOURCES"/*.c; do
        gcc "${STRICT[@]}" -O1 -fanalyzer -c -o "$SCRATCH/object" "$source" || return
    done
}

# sanitized OUTPUT DIRECTORY_OF_SOURCES
sanitized() {
    gcc "${STRICT[@]}" -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -o "$1" "$2"/*.c
}

# is_clean CODE REPORT: neither a sanitizer's report nor a signal
is_clean() {
    [ "$1" -lt 99 ] || [ "$1" = 126 ] || [ "$1" = 127 ] || { echo "exit code $1: $(head -c 2000 "$2")"; return 1; }
    lacks "standard error" "Sanitizer" "$(cat "$2")" && lacks "standard error" "runtime error" "$(cat "$2")"
}

# command_lines LAUNCHER: of all roles, most of them wrong
command_lines() {
    local line
    while IFS= read -r line; do
        # shellcheck disable=SC2086
        "$1" $line >/dev/null 2>"$SCRATCH/report" </dev/null
        is_clean $? "$SCRATCH/report" || { echo "for: $line"; return 1; }
    done <<'LINES'
--exec
--exec --
--exec -e
--exec -e 99999 -- true
--exec -l 3 -- true
--exec -G 1,2,,3,x -- true
--exec -d /no/such -- true
--exec -m 9 -- true
--exec -n 18446744073709551616 -- true
--exec -o 99999 -- true
--exec -z -- true
--exec -- /
--exec -- /etc/passwd
--exec -- no-such-program
--exec -- ./
--exec -t -- true
status --ready
status --ready --ready
status --ready --run-dir
status --ready --run-dir=
status --ready --run-dir=/dev
status --ready --run-dir /dev/null
status
supervise
LINES
}

# damaged_files LAUNCHER COUNT: a health check of files with some bytes changed, cut or doubled
damaged_files() {
    python3 - "$1" "$2" "$SCRATCH" <<'PYTHON'
import os, random, subprocess, sys
launcher, count, scratch = sys.argv[1], int(sys.argv[2]), sys.argv[3]
boot = open("/proc/sys/kernel/random/boot_id").read().strip()
ticks = open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19]
whole = {
    "supervisor.json": '{"pid":%d,"startTicks":%s,"instance":"abc","version":"1","socket":"/x"}\n',
    "generation.json": '{"generation":1,"instance":"abc","pid":%d,"startTicks":%s,"bootId":"' + boot
                       + '","startedAt":"","phase":"ready","reason":"a \\"b\\"","command":["x",{"y":[1]}]}\n',
}
chance = random.Random(7)
def damage(data):
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(data) + 1)
        data = chance.choice([lambda: data[:at], lambda: data[:at] + data[at + 1:],
                              lambda: data[:at] + bytes([chance.randrange(256)]) + data[at + 1:],
                              lambda: data[:at] + chance.choice([b'"', b"\\", b"{", b"[", b"\0"]) + data[at:],
                              lambda: data + data[at:]])() or b"{"
    return data
ready = 0
for turn in range(count):
    for name, text in whole.items():
        with open(os.path.join(scratch, name), "wb") as file:
            file.write(damage((text % (os.getpid(), ticks)).encode()) if turn else
                       (text % (os.getpid(), ticks)).encode())
    done = subprocess.run([launcher, "status", "--ready", "--run-dir", scratch], capture_output=True)
    if turn == 0 and done.returncode != 0:
        sys.exit("the undamaged files are not ready: %r" % done)
    ready += done.returncode == 0
    if done.returncode not in (0, 1) or b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
        sys.exit("exit code %d for %r: %s" % (done.returncode, [open(os.path.join(scratch, name), "rb").read()
                 for name in whole], done.stderr.decode(errors="replace")[:2000]))
print(ready, "of", count, "ready")
PYTHON
}

sanitized "$SCRATCH/launcher" "$SOURCES" || exit
holds "the compiler's analyzer finds nothing" analyzed
holds "odd command lines" command_lines "$SCRATCH/launcher"
holds "400 damaged pairs of published files" damaged_files "$SCRATCH/launcher" 400

# a string whose end is not looked for
mkdir "$SCRATCH/broken" && cp "$SOURCES"/*.[ch] "$SCRATCH/broken"
sed -i "s/if (\*at == '\\\\0' || (\*at == '\\\\\\\\' \&\& \*++at == '\\\\0'))/if (*at == '\\\\\\\\' \&\& *++at == '\\\\0')/" \
    "$SCRATCH/broken/ready.c"
cmp -s "$SOURCES/ready.c" "$SCRATCH/broken/ready.c" && { not_ok "control: the source is broken"; exit; }
sanitized "$SCRATCH/broken-launcher" "$SCRATCH/broken" || exit
breaks "a string that is read past its end" "Sanitizer" damaged_files "$SCRATCH/broken-launcher" 2000
