# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What every part of the two commands shares: where things lie, and how they speak.
# Everything here speaks on standard error; standard output belongs to the program.

SOURCE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd -P)
CACHE=${GLOWWORM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/glowworm}
ROOT=$CACHE/debian13
LOGS=$CACHE/logs
PACKAGES=$(sed 's/#.*//' "$SOURCE/packaging/packages" | tr -s ' \n' '\n' | sed '/^$/d')
STAMP=$(printf '%s\n' 2 "$PACKAGES" | sha256sum | cut -c1-16)

say() { printf 'glowworm: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# log NAME: a fresh log file for one long step. Old ones are overwritten.
log() { mkdir -p "$LOGS" && printf '%s/%s.log' "$LOGS" "$1"; }

# watched LOG COUNT CMD...: runs CMD with its output in LOG and its fate as ours; meanwhile says
# what the function COUNT prints, whenever that changes. A failure shows the end of the log.
watched() {
    local log=$1 count=$2 last='' now seconds=0 every=5 rc=0
    shift 2
    [[ -t 2 ]] && every=1
    # In a process group of its own, so that an interruption ends all of it.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    local child=$!
    set +m
    trap 'kill -- "-$child" 2>/dev/null; exit 130' INT TERM HUP
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        (( ++seconds % (every * 5) )) && continue
        now=$("$count" 2>/dev/null) || now=''
        [[ -n $now && $now != "$last" ]] && say "    $now"
        last=$now
    done
    wait "$child" || rc=$?
    trap - INT TERM HUP
    if (( rc )); then
        tail -n 25 "$log" | sed 's/^/    /' >&2
        say "that failed; the whole log is $log"
    fi
    return "$rc"
}

# need_space DIR GIB WHAT: ends with a plain sentence unless DIR's disk has GIB free.
need_space() {
    local dir=$1 gib=$2 what=$3 free
    while [[ ! -d $dir ]]; do dir=$(dirname "$dir"); done
    free=$(df --output=avail -B 1M "$dir" | tail -n 1)
    (( free >= gib * 1024 )) ||
        die "$what needs about $gib GB free on the disk of $dir, which has $((free / 1024)) GB." \
            "Free some space, or set GLOWWORM_CACHE to a folder on a larger disk."
}
