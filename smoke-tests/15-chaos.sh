#!/usr/bin/env bash
# Faults in a random order on a real PID 1 and in Docker, for CHAOS_MINUTES (5); a run that finds
# something says how to replay it. The order is the same in each run, so that a change is not blamed
# for what another seed would have found before it; CHAOS_SEED gives another. chaos/README.md
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
minutes=${CHAOS_MINUTES:-5}
phase "faults for $minutes minutes"
chaos=$(cd "$(dirname "${BASH_SOURCE[0]}")/../chaos" && pwd -P)/run

# faults ARG...: true if nothing was found; else what was
faults() {
    "$chaos" "$@" >"$SCRATCH/said" 2>&1 && return
    grep -A 8 VIOLATION "$SCRATCH/said" | cut -c1-2000
    tail -n 6 "$SCRATCH/said"
    return 1
}

holds "one daemon, rising generations, nothing lost unnamed, each request and each TERM ends in time" \
    faults --minutes "$minutes" --seed "${CHAOS_SEED:-2027}"
tail -n 5 "$SCRATCH/said" | sed 's/^/          /'
holds "of 200 signals, at any moment of the daemon's life, none is lost" faults --only signals --count 200
breaks "a second daemon is started by hand" "one daemon at a time" "$chaos" --self-test second-daemon
breaks "the generation is set back" "the generation rises" "$chaos" --self-test generation-set-back
breaks "TERM is dropped" "TERM ends PID 1 within" "$chaos" --self-test term-swallowed
breaks "PID 1 is killed with work in flight" "a session that was cut is resumed" \
    "$chaos" --self-test session-lost
holds "each check finds what is broken for it" "$chaos" --self-test
