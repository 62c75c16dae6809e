# Sourced by ./run, ./test and ./build: what a fresh Debian 12 machine with the .NET 10 SDK lacks. Asks nothing; quick when nothing is missing.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed (the command dotnet); see https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
fi

# Installs Debian packages, as root or through sudo.
install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "These packages are missing: $*. Install them as root: apt-get install -y $*" >&2
            exit 1
        fi
        as_root=(sudo -n)
    fi
    echo "installing $* ..." >&2
    "${as_root[@]}" apt-get update -qq >/dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# What Native AOT links with: clang (or gcc), zlib and the C library's headers.
need_native_toolchain() {
    local missing=()
    command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(clang)
    [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    [ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}
