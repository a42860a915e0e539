# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Entering the place where things are built and run: the private root, or this machine itself.

# What a person's shell may have set that would leak into a build.
CLEAN=(-u LIBRARY_PATH -u LD_LIBRARY_PATH -u CPATH -u C_INCLUDE_PATH -u CPLUS_INCLUDE_PATH
       -u CC -u CXX -u CFLAGS -u CXXFLAGS -u LDFLAGS -u CMAKE_PREFIX_PATH -u CUDA_HOME -u PYTHONPATH
       -u PYTHONHOME -u QT_PLUGIN_PATH -u QML_IMPORT_PATH -u QML2_IMPORT_PATH)
PATH_INSIDE=/usr/lib/qt6/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

# The bubblewrap options of the private root: its system read-only; the host's devices, network and
# every folder of the host that is not part of its system, read-write.
root_binds() {
    BINDS=(--ro-bind "$ROOT/usr" /usr --symlink usr/bin /bin --symlink usr/sbin /sbin
           --symlink usr/lib /lib --symlink usr/lib64 /lib64
           --ro-bind "$ROOT/etc" /etc --ro-bind "$ROOT/var" /var --bind-try /var/tmp /var/tmp
           --dev-bind /dev /dev --proc /proc --bind /sys /sys --tmpfs /run)
    local file dir
    for file in passwd group hosts resolv.conf pip.conf; do
        [[ -e $ROOT/etc/$file ]] && BINDS+=(--ro-bind-try "/etc/$file" "/etc/$file")
    done
    # The local time; the root has no time zones of its own.
    BINDS+=(--ro-bind-try /etc/localtime /run/localtime --setenv TZ "${TZ:-:/run/localtime}")
    # The host's certificates, so that pip trusts what this machine trusts.
    BINDS+=(--ro-bind-try /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt)
    for dir in "/run/user/$(id -u)" /run/dbus /run/systemd; do
        [[ -d $dir ]] && BINDS+=(--bind "$dir" "$dir")
    done
    for dir in /*; do
        case $dir in
            /bin|/boot|/dev|/etc|/lib*|/lost+found|/proc|/run|/sbin|/sys|/usr|/var) ;;
            *) [[ -d $dir && ! -L $dir && -r $dir ]] && BINDS+=(--bind "$dir" "$dir") ;;
        esac
    done
    for dir in "$HOME" "$SOURCE" "$CACHE"; do
        case $dir in /usr/*|/var/*|/etc/*|/run/*) BINDS+=(--bind "$dir" "$dir") ;; esac
    done
    return 0
}

# Bubblewrap options that hide Qt's headers and CMake files: a build in there has no Qt.
hide_qt() {
    local dir
    for dir in "$ROOT"/usr/include/*/qt6 "$ROOT"/usr/lib/*/cmake/Qt6* "$ROOT"/usr/lib/qt6; do
        [[ -d $dir ]] && BINDS+=(--tmpfs "${dir#"$ROOT"}")
    done
    return 0
}

# inside [--without-qt] CMD...: runs CMD where things are built. Replaces the shell; put it in a
# subshell (or a pipe) to come back.
inside() {
    local without_qt=
    [[ $1 == --without-qt ]] && { without_qt=1; shift; }
    local vars=(PATH="$PATH_INSIDE" LANG=C.UTF-8 CCACHE_DIR="${CCACHE_DIR:-$CACHE/ccache}"
        CCACHE_BASEDIR="$SOURCE" CCACHE_NOHASHDIR=1)
    if [[ $KIND == direct ]]; then
        exec env "${CLEAN[@]}" "${vars[@]}" "$@"
    fi
    vars+=(PIP_CERT=/etc/ssl/certs/ca-certificates.crt)
    root_binds
    if [[ -n $without_qt ]]; then hide_qt; fi
    # Held while the program runs, so that the root is not replaced under it.
    exec 8<"$ROOT.use"
    flock -s 8
    exec env "${CLEAN[@]}" -u LC_ALL -u SSL_CERT_DIR "${vars[@]}" \
        bwrap "${BINDS[@]}" --die-with-parent --chdir "$PWD" -- "$@"
}
