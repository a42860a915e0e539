# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Making sure that everything needed is installed, once: directly on a Debian 13 or a newer Ubuntu,
# in a private Debian 13 root on Debian 12. A stamp makes every later start quick.

# Which way this machine goes: KIND is `direct` or `root`. GLOWWORM_ENVIRONMENT decides where set.
choose_kind() {
    local ID='' VERSION_ID='' PRETTY_NAME='this system'
    # shellcheck disable=SC1091
    [[ -r /etc/os-release ]] && . /etc/os-release
    OS_NAME=$PRETTY_NAME
    OS_STAMP=$ID-${VERSION_ID:-rolling}
    KIND=${GLOWWORM_ENVIRONMENT:-}
    [[ -n $KIND ]] && return
    local major=${VERSION_ID%%.*}
    case $ID in
        debian) if [[ -z $major ]] || (( major >= 13 )); then KIND=direct; else KIND=root; fi ;;
        ubuntu) if (( ${major:-0} >= 25 )); then KIND=direct; fi ;;
    esac
    [[ -n $KIND ]] || die "$OS_NAME is not a system that this knows: it works on Debian 12 and 13" \
        "and on Ubuntu 25.04 and newer. On a system like Debian 13, set" \
        "GLOWWORM_ENVIRONMENT=direct."
}

check_machine() {
    local machine
    machine=$(uname -m)
    [[ $machine == x86_64 ]] || die "this machine is $machine; Glowworm is built and tested only" \
        "on x86-64 so far."
    command -v apt-get >/dev/null ||
        die "$OS_NAME has no apt-get, and the packages come through it."
}

# as_root CMD...: as root, or through sudo. The first failure says what would be needed.
as_root() {
    if (( EUID == 0 )); then "$@"; else sudo -- "$@"; fi
}

need_root() {
    local why=$1
    (( EUID == 0 )) && return
    command -v sudo >/dev/null || die "$why needs root once, and this is the user $(id -un)" \
        "without sudo. Run it as root, or install sudo and allow this user to use it."
    sudo -n true 2>/dev/null && return
    [[ -t 0 || -t 2 ]] || die "$why needs root once: sudo would ask for a password, and there is" \
        "no terminal to ask on. Run 'sudo -v' first, or run it as root."
    say "$why needs root once: sudo may ask for your password"
    sudo -v || die "sudo did not let this user through."
}

install_directly() {
    as_root apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $PACKAGES
}

nothing() { :; }

ready_direct() {
    local stamp=$CACHE/direct.stamp missing
    [[ -f $stamp && $(<"$stamp") == "$STAMP $OS_STAMP" ]] && return
    check_machine
    # shellcheck disable=SC2086
    missing=$(LC_ALL=C dpkg-query -W -f '${db:Status-Abbrev}\n' $PACKAGES 2>&1 |
        grep -vc '^ii' || true)
    if (( missing )); then
        need_root "Installing $missing Debian packages"
        need_space / 3 "Installing the packages"
        say "installing $missing packages on $OS_NAME (see packaging/packages)"
        watched "$(log apt)" nothing install_directly ||
            die "the packages could not be installed: is there a network?"
    fi
    mkdir -p "$CACHE"
    printf '%s\n' "$STAMP $OS_STAMP" >"$stamp"
}

ready_root() {
    [[ -f $ROOT/.stamp && $(<"$ROOT/.stamp") == "$STAMP" ]] && return
    check_machine
    need_root "Making the private Debian 13 root on $OS_NAME"
    need_space "$CACHE" 6 "The private Debian 13 root, with the build,"
    mkdir -p "$CACHE"
    as_root env GLOWWORM_CACHE="$CACHE" HOME="$HOME" "$SOURCE/packaging/environment/make-root" ||
        die "the private root was not made; run the same command again to go on where it stopped."
}

make_ready() {
    choose_kind
    case $KIND in
        direct) ready_direct ;;
        root) ready_root ;;
        *) die "GLOWWORM_ENVIRONMENT is '$KIND'; it may be direct or root." ;;
    esac
}
