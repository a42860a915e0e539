# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Building: one folder a variant under build/ in the clone, so that ccache serves all clones.
# A clone that cannot be written builds in the cache.

if [[ -w $SOURCE ]]; then
    BUILDS=$SOURCE/build
else
    BUILDS=$CACHE/build/$(basename "$SOURCE")-$(sha256sum <<<"$SOURCE" | cut -c1-8)
fi

# CMake's options of a variant.
variant_options() {
    case ${1#core-} in
        release) OPTIONS=(-DCMAKE_BUILD_TYPE=Release -DGLOWWORM_CORE_TESTS=OFF) ;;
        core) OPTIONS=(-DCMAKE_BUILD_TYPE=Release) ;;
        debug) OPTIONS=(-DCMAKE_BUILD_TYPE=Debug) ;;
        asan) OPTIONS=(-DCMAKE_BUILD_TYPE=RelWithDebInfo -DGLOWWORM_SANITIZE=address) ;;
        tsan) OPTIONS=(-DCMAKE_BUILD_TYPE=RelWithDebInfo -DGLOWWORM_SANITIZE=thread) ;;
        *) die "there is no build variant '$1'" ;;
    esac
    case $1 in
        core*) OPTIONS+=(-DGLOWWORM_APP=OFF -DGLOWWORM_BENCH=OFF) ;;
        tsan) OPTIONS+=(-DGLOWWORM_BENCH=OFF) ;;
    esac
    OPTIONS+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_LINKER_TYPE=MOLD)
}

# Joins ninja's output: WHAT once there is something to do, then a line every ten percent (or one
# line that moves, on a terminal), and everything that is not progress as it is.
joined() {
    local moving=0
    [[ -t 2 ]] && moving=1
    awk -v what="$1" -v moving="$moving" '
        /^-- / || /Re-checking globbed directories/ { next }
        /^ninja: (no work to do|Entering directory)/ { next }
        match($0, /^\[[0-9]+\/[0-9]+\]/) {
            split(substr($0, 2, RLENGTH - 2), n, "/")
            part = int(10 * n[1] / n[2])
            if (what != "") { print "glowworm: " what; what = "" }
            if (moving) { printf "\r\033[Kglowworm:     %d of %d", n[1], n[2]; fresh = 1 }
            else if (part != last && n[2] > 20) printf "glowworm:     %d of %d\n", n[1], n[2]
            last = part; fflush(); next
        }
        { if (fresh) { printf "\n"; fresh = 0 } print; fflush() }
        END { if (fresh) printf "\n" }' >&2
}

# build VARIANT [TARGET...]: configures where needed and builds; silent when nothing has changed.
build() {
    local variant=$1 dir=$BUILDS/$1 hide=()
    shift
    local OPTIONS
    variant_options "$variant"
    [[ ${OPTIONS[*]} == *GLOWWORM_APP=OFF* ]] && hide=(--without-qt)
    mkdir -p "$dir"
    exec 7>"$dir/.lock"
    flock -n 7 || {
        say "another build of this clone ($variant) is running; waiting for it"
        flock 7
    }
    local stamp="${OPTIONS[*]} $STAMP $KIND"
    if [[ ! -f $dir/build.ninja || ! -f $dir/.stamp || $(<"$dir/.stamp") != "$stamp" ]]; then
        need_space "$dir" 2 "The build"
        say "configuring the $variant build in $dir"
        rm -rf "$dir/CMakeCache.txt" "$dir/CMakeFiles"
        (inside "${hide[@]}" cmake -S "$SOURCE" -B "$dir" -G Ninja "${OPTIONS[@]}") \
            >"$(log "configure-$variant")" 2>&1 </dev/null ||
            { tail -n 25 "$(log "configure-$variant")" >&2; die "CMake did not like that."; }
        printf '%s\n' "$stamp" >"$dir/.stamp"
    fi
    (inside "${hide[@]}" env NINJA_STATUS='[%f/%t] ' ninja -C "$dir" "$@" </dev/null) 2>&1 |
        joined "building ($variant${*:+: $*})" || die "the build failed; the reason is above."
    exec 7>&-
}
