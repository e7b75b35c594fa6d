#!/usr/bin/env bash
# The launcher's C under the compiler's analyzer and the sanitizers: odd command lines, and published
# files with random damage. A byte read where none is, or undefined arithmetic, ends it with a report.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
. "$HERE/lib.sh"
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
status --json --run-dir=/dev
status --json --json --run-dir /dev
preflight --run-dir
preflight --run-dir=
signal
signal NONSENSE-AND-MORE-OF-IT
signal HUP USR1
signal --run-dir=/dev HUP
wait --timeout
wait --timeout=99999999999 --run-dir=/dev
wait --timeout 5x --run-dir=/dev
wait --timeout 1ms --generation 00000000000000 --run-dir=/dev
wait --timeout 999999999h --generation 999999999 --run-dir=/dev
wait --stopped --ready
supervise
LINES
}

# damaged_files LAUNCHER COUNT: a health check of files with some bytes changed, cut or doubled
damaged_files() {
    PYTHONPATH="$HERE" PYTHONDONTWRITEBYTECODE=1 python3 - "$1" "$2" "$SCRATCH" <<'PYTHON'
import os, subprocess, sys
from damage import damager
launcher, count, scratch = sys.argv[1], int(sys.argv[2]), sys.argv[3]
boot = open("/proc/sys/kernel/random/boot_id").read().strip()
ticks = open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19]
whole = {
    "supervisor.json": '{"pid":%d,"startTicks":%s,"instance":"abc","version":"1","socket":"/x"}\n',
    "generation.json": '{"generation":1,"instance":"abc","pid":%d,"startTicks":%s,"bootId":"' + boot
                       + '","startedAt":"","phase":"ready","reason":"a \\"b\\"","command":["x",{"y":[1]}]}\n',
}
damage = damager([b'"', b"\\", b"{", b"[", b"\0"], b"{")
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

# damaged_answers LAUNCHER COUNT: a status from a server whose answer has some bytes changed, cut or doubled
damaged_answers() {
    PYTHONPATH="$HERE" PYTHONDONTWRITEBYTECODE=1 python3 - "$1" "$2" "$SCRATCH" <<'PYTHON'
import os, socket, subprocess, sys, threading
from damage import damager
launcher, count, scratch = sys.argv[1], int(sys.argv[2]), sys.argv[3]
path = os.path.join(scratch, "control.sock")
if os.path.exists(path):
    os.remove(path)
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
answers = []
def serve():
    while True:
        caller, _ = listener.accept()
        with caller:
            caller.recv(4096)
            try:
                caller.sendall(answers[-1])
            except OSError:
                pass
threading.Thread(target=serve, daemon=True).start()
whole = "soleinit 1 7 10 6\nready p\u00e4\nerror\n".encode()
damage = damager([b"9", b" ", b"-", b"\n", b"\xe2", b"\xc2"], b"s")
taken = 0
for turn in range(count):
    answers.append(damage(whole) if turn else whole)
    done = subprocess.run([launcher, "status", "--run-dir", scratch], capture_output=True)
    if turn == 0 and (done.returncode, done.stdout, done.stderr) != (7, "ready p\u00e4\n".encode(), b"error\n"):
        sys.exit("the undamaged answer is not taken: %r" % done)
    taken += b"lib/contents" not in done.stderr
    if done.returncode == 99 or done.returncode < 0 or b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
        sys.exit("exit code %d for %r: %s" % (done.returncode, answers[-1], done.stderr.decode(errors="replace")[:2000]))
print(taken, "of", count, "taken")
PYTHON
}

sanitized "$SCRATCH/launcher" "$SOURCES" || exit
holds "the compiler's analyzer finds nothing" analyzed
holds "odd command lines" command_lines "$SCRATCH/launcher"
holds "400 damaged pairs of published files" damaged_files "$SCRATCH/launcher" 400
holds "400 damaged answers" damaged_answers "$SCRATCH/launcher" 400

# a string whose end is not looked for
mkdir "$SCRATCH/broken" && cp "$SOURCES"/*.[ch] "$SCRATCH/broken"
sed -i "s/if (\*at == '\\\\0' || (\*at == '\\\\\\\\' \&\& \*++at == '\\\\0'))/if (*at == '\\\\\\\\' \&\& *++at == '\\\\0')/" \
    "$SCRATCH/broken/ready.c"
cmp -s "$SOURCES/ready.c" "$SCRATCH/broken/ready.c" && { not_ok "control: the source is broken"; exit; }
sanitized "$SCRATCH/broken-launcher" "$SCRATCH/broken" || exit
breaks "a string that is read past its end" "Sanitizer" damaged_files "$SCRATCH/broken-launcher" 2000

# more is read than there is room for
cp "$SOURCES"/*.[ch] "$SCRATCH/broken"
sed -i 's/allocate(answer->out + answer->err + 1)/allocate(answer->out + 1)/' "$SCRATCH/broken/ask.c"
cmp -s "$SOURCES/ask.c" "$SCRATCH/broken/ask.c" && { not_ok "control: the source is broken"; exit; }
sanitized "$SCRATCH/broken-launcher" "$SCRATCH/broken" || exit
breaks "an answer that is longer than its room" "Sanitizer" damaged_answers "$SCRATCH/broken-launcher" 2
