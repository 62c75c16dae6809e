# Sourced: takes packages of Debian sid, with all they need (C library included), without touching the machine's own packages. The mirror is the one this machine already uses; only
# the suite differs.

# sid_unpack DIR PACKAGE...: downloads the packages and unpacks them below DIR/root. Needs apt-get, no root.
sid_unpack() {
    local dir=$1 state=$1/apt mirror
    shift
    # The first Debian archive of this machine's own sources, in either format; the security archive has no sid.
    mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } \
        | sed -nE 's/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p; s/^URIs: *([^ ]+).*/\1/p' | grep -E '/debian/?$' | head -n 1)
    [ -n "$mirror" ] || { echo "bench: this machine has no Debian archive among its apt sources" >&2; return 1; }
    mkdir -p "$state/parts" "$state/lists/partial" "$state/archives/partial" "$dir/root"
    : >"$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$state/sources.list"
    local apt=(-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts="$state/parts" -o Dir::State="$state" -o Dir::State::status="$state/status"
        -o Dir::Cache="$state" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Debug::NoLocking=1 -o APT::Keep-Downloaded-Packages=true -o DPkg::Post-Invoke::= -o APT::Update::Post-Invoke::=)
    apt-get "${apt[@]}" update -qq
    apt-get "${apt[@]}" install -qq -y --no-install-recommends --download-only "$@" >/dev/null
    local package
    for package in "$state"/archives/*.deb; do
        dpkg-deb -x "$package" "$dir/root"
    done
}

# sid_run DIR PROGRAM [ARG...]: runs an unpacked program with its own C library, whatever that of the machine is.
sid_run() {
    local root=$1/root program=$2 libraries
    shift 2
    libraries=$root/usr/lib/$(uname -m)-linux-gnu
    exec "$libraries"/ld-linux-*.so.* --library-path "$libraries" "$root/usr/bin/$program" "$@"
}
