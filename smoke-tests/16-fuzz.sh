#!/usr/bin/env bash
# Every parser under coverage-guided fuzzing (Jazzer), from its committed corpus on: no exception but the
# documented one, no hang, no unbounded memory, and what is accepted comes back as it was written.
#
#   FUZZ_SECONDS=3600 smoke-tests/run 16-fuzz     for all targets together; 60 by default
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
phase "fuzzing: every parser, whatever it is given"

FUZZ_SECONDS=${FUZZ_SECONDS:-60}
CORPUS=src/test/resources/fuzz
PACKAGE=src/test/java/dev/soleinit
MAVEN=(mvn -q -B -ntp -f supervisor.xml)

# The JDK is the build's, whatever Java runs Maven.
prepare() {
    "${MAVEN[@]}" test-compile dependency:build-classpath -Dmdep.outputFile="$SCRATCH/libraries" || return
    "${MAVEN[@]}" validate exec:exec -Dexec.executable=java \
        -Dexec.args="-XshowSettings:properties -version" >"$SCRATCH/java" 2>&1
    JDK=$(sed -n 's/^ *java\.home = //p' "$SCRATCH/java")
    LIBRARIES=$(cat "$SCRATCH/libraries")
    [ -x "$JDK/bin/java" ]
}

# class TARGET: its whole name
class() {
    local source
    source=$(find "$PACKAGE" -name "$1.java")
    source=${source#"src/test/java/"}
    echo "${source%.java}" | tr / .
}

# fuzz TARGET SECONDS [CLASSES]: whether nothing is found; CLASSES go before the tested ones
fuzz() {
    local found
    found=$(mktemp -d -p "$SCRATCH")
    "$JDK/bin/java" -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -XX:+EnableDynamicAgentLoading -cp "${3:+$3:}target/test-classes:target/classes:$LIBRARIES" \
        com.code_intelligence.jazzer.Jazzer --target_class="$(class "$1")" \
        --instrumentation_includes='dev.soleinit.**' --custom_hook_includes='dev.soleinit.**' \
        --reproducer_path="$found" -artifact_prefix="$found/" -max_total_time="$2" -timeout=10 \
        -rss_limit_mb=0 -max_len=8192 -use_value_profile=1 "$found" "$CORPUS/$1" \
        >"$SCRATCH/$1.log" 2>&1 && { inputs "$1"; return; }
    grep -av '^INFO\|^WARNING' "$SCRATCH/$1.log" | tail -n 30
    return 1
}

# inputs TARGET: how many were tried; a run that tries next to none has shown nothing
inputs() {
    local count
    count=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$SCRATCH/$1.log")
    [ "${count:-0}" -ge 100 ] || { echo "only ${count:-no} inputs: $(tail -n 5 "$SCRATCH/$1.log")"; return 1; }
    echo "$count inputs"
}

prepare || { not_ok "the targets are compiled"; exit; }
targets=("$CORPUS"/*)
for target in "${targets[@]}"; do
    holds "${target##*/}" fuzz "${target##*/}" $((FUZZ_SECONDS / ${#targets[@]} + 1))
done

# a number whose length nobody looks at
planted() {
    mkdir "$SCRATCH/planted" "$SCRATCH/classes" &&
        sed 's/text.length() <= digits;/true;/' src/main/java/dev/soleinit/control/NotifyMessage.java \
            >"$SCRATCH/planted/NotifyMessage.java" &&
        ! cmp -s src/main/java/dev/soleinit/control/NotifyMessage.java "$SCRATCH/planted/NotifyMessage.java" &&
        "$JDK/bin/javac" -nowarn -cp target/classes -d "$SCRATCH/classes" "$SCRATCH/planted/NotifyMessage.java"
}
planted || { not_ok "control: a bug is planted"; exit; }
breaks "a parser that takes numbers of any length" "NumberFormatException" fuzz NotifyFuzz 30 "$SCRATCH/classes"
