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

# What sends the sample day.
need_curl() {
    command -v curl > /dev/null || install_packages curl
}

# What the tests of HTML pages look at them with. Without it those tests are skipped, and say so.
want_browser() {
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || (install_packages chromium) || echo "no Chromium: tests that need a browser are skipped" >&2
}

# What the tests look at rendered scripts and configurations with: shellcheck, Ansible and its linter, rsyslog and logrotate, Prometheus' promtool, Alertmanager, systemd with its check of units, OpenSSL, bubblewrap and buildah for what units and
# containers take away, and parsers of Terraform, CloudFormation's specification and KQL from npm. Terraform itself is used
# where it is at hand. Without them those tests are skipped, and say so.
want_config_tools() {
    local missing=() tools=$root/artifacts/tools
    command -v shellcheck >/dev/null || missing+=(shellcheck)
    [ -e /usr/sbin/rsyslogd ] || missing+=(rsyslog)
    compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' >/dev/null || missing+=(rsyslog-elasticsearch)
    compgen -G '/usr/lib/*/rsyslog/lmnsd_gtls.so' >/dev/null || missing+=(rsyslog-gnutls)
    command -v ansible-playbook >/dev/null || missing+=(ansible-core ansible)
    command -v promtool >/dev/null || missing+=(prometheus)
    [ -e /usr/bin/prometheus-alertmanager ] || missing+=(prometheus-alertmanager)
    [ -e /usr/sbin/logrotate ] || missing+=(logrotate)
    command -v systemd-analyze >/dev/null || missing+=(systemd)
    command -v bwrap >/dev/null || missing+=(bubblewrap)
    command -v openssl >/dev/null || missing+=(openssl)
    command -v buildah >/dev/null || missing+=(buildah)
    command -v ansible-lint >/dev/null || missing+=(ansible-lint)
    [ ${#missing[@]} -eq 0 ] || (install_packages "${missing[@]}") || echo "no ${missing[*]}: tests that need them are skipped" >&2
    command -v npm >/dev/null || { echo "no npm: tests of Terraform, CloudFormation and KQL are skipped" >&2; return 0; }
    [ -d "$tools/node_modules/@kusto/language-service-next" ] ||
        npm install --prefix "$tools" --no-audit --no-fund --silent @cdktf/hcl2json@0.21.0 @aws-cdk/cfnspec@2.72.1 @kusto/language-service-next@12.4.1 >/dev/null ||
        echo "npm could not install parsers: tests of Terraform, CloudFormation and KQL are skipped" >&2
}
