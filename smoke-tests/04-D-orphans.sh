#!/usr/bin/env bash
# D. Orphans are adopted and reaped; a thousand of them leave no zombie.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "D: orphans are adopted and reaped"

# each is the child of a subshell that ends first, so PID 1 inherits it
ORPHANS='for i in $(seq 1000); do (sleep 1 &) ; done'

zombies() { processes "$1" | awk '$3 == "Z"' | wc -l; }
sleepers() { processes "$1" | grep -c ' sleep 1 $'; }
all_over() { same "orphans that live" 0 "$(sleepers "$1")"; }

# adopted ID: the sleep of 60 s
adopted() { same "parent of the orphan" 1 "$(processes "$1" | grep ' sleep 60 $' | cut -d ' ' -f 2)"; }

promise() { same "zombies" 0 "$(zombies "$1")"; }

node=$(start_node) || exit
docker exec "$node" bash -c "$ORPHANS; sleep 5 & echo" >/dev/null
docker exec "$node" bash -c '(sleep 60 >/dev/null 2>&1 &)'
holds "a process that an exec session leaves is adopted by PID 1" \
    within 3 adopted "$node"
within 20 all_over "$node" >/dev/null
holds "of 1,000 orphans no zombie is left" within 3 promise "$node"
reaped() { [ "$(status "$node" .orphansReaped)" -ge 1000 ] || status "$node" .orphansReaped; }
holds "status counts them" reaped
holds "the daemon has not noticed" same generation 1 "$(status "$node" .generation)"

# reaper off: a PID 1 that never waits
bare=$(docker run -d --entrypoint sleep "$IMAGE" 300) && echo "$bare" >>"$SCRATCH/containers"
docker exec "$bare" bash -c "$ORPHANS" >/dev/null
within 20 all_over "$bare" >/dev/null
breaks "reaper off, the zombies stay" "zombies: expected '0', got '1000'" promise "$bare"
