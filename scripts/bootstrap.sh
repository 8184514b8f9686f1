#!/bin/sh
# Makes the project's environment from nothing but a Python 3.11 to 3.13 and the package registries.
# Usage: scripts/bootstrap.sh ENVIRONMENT   (a folder, such as .venv). Run again, it changes nothing.
set -eu

environment=$1
here=$(cd "$(dirname "$0")/.." && pwd)
lock=$here/requirements/dev.txt

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 4; }

find_python() {
    if [ -n "${HOMEOSTAT_PYTHON:-}" ]; then
        set -- "$HOMEOSTAT_PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11
    fi
    for name in "$@"; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    die "no Python 3.11 to 3.13 here (tried $*); install one (Debian: apt-get install python3) or name it in HOMEOSTAT_PYTHON."
}

# uv comes from PATH when it is the pinned version, else from pip; pip from the machine, from ensurepip, or out
# of Debian's wheel package, which needs no root.
find_uv() {
    wanted=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' "$here/requirements/bootstrap.in")
    if command -v uv >/dev/null 2>&1 && [ "$(uv --version | cut -d' ' -f2)" = "$wanted" ]; then
        command -v uv
        return
    fi
    cache=$here/.homeostat/bootstrap/uv-$wanted
    if [ ! -x "$cache/bin/uv" ]; then
        say "fetching uv $wanted"
        rm -rf "$cache.part"
        pip_install "$cache.part" || die "uv $wanted could not be installed; is the Python package index reachable (HTTPS_PROXY, PIP_INDEX_URL)?"
        mv "$cache.part" "$cache"
    fi
    printf '%s\n' "$cache/bin/uv"
}

pip_install() {
    export PIP_ROOT_USER_ACTION=ignore # a folder of our own is no system package
    set -- --quiet --disable-pip-version-check --no-deps --require-hashes --target "$1" -r "$here/requirements/bootstrap.txt"
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install "$@"
        return
    fi
    wheels=$here/.homeostat/bootstrap/wheels
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv "$wheels" && "$wheels/bin/python" -m pip install "$@"
        return
    fi
    command -v apt-get >/dev/null 2>&1 || die "this Python has neither pip nor ensurepip, and apt-get is not there to fetch them."
    rm -rf "$wheels" # a fetch that was interrupted
    mkdir -p "$wheels/lists/partial"
    (cd "$wheels" && fetch_pip >apt.log 2>&1 && dpkg-deb -x python3-pip-whl_*.deb .) ||
        die "this Python has no pip, and 'apt-get download python3-pip-whl' failed; install python3-venv, or see $wheels/apt.log."
    wheel=$(ls "$wheels"/usr/share/python-wheels/pip-*.whl)
    PYTHONPATH=$wheel "$python" -m pip install "$@"
}

# With the machine's package lists, else (they are empty on a fresh machine) with lists of our own.
fetch_pip() {
    apt-get download -q python3-pip-whl && return
    set -- -q -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o Debug::NoLocking=true
    apt-get "$@" update && apt-get "$@" download python3-pip-whl
}

stamp=$environment/.homeostat-lock
fingerprint=$(cat "$lock" "$here/pyproject.toml" | cksum)" $here"
if [ -x "$environment/bin/homeostat" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$fingerprint" ]; then
    exit 0
fi

free_kib=$(df -Pk "$here" | awk 'NR==2 {print $4}')
[ "$free_kib" -ge 4194304 ] || [ -d "$environment" ] ||
    die "only $((free_kib / 1024)) MiB are free in $here; the environment needs about 4 GiB."

python=$(find_python)
uv=$(find_uv)
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-hardlink}"
# who told pip about a mirror or a certificate means uv as well
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
[ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
say "installing the locked environment into $environment ($("$python" --version))"
rm -f "$stamp"
[ -x "$environment/bin/python" ] || "$uv" venv --quiet --allow-existing --python "$python" "$environment" || exit 4
"$uv" pip sync --quiet --require-hashes --python "$environment/bin/python" "$lock" ||
    die "the locked packages could not be installed; see the lines above (network, proxy or disk)."
"$uv" pip install --quiet --no-deps --no-build-isolation --python "$environment/bin/python" -e "$here" ||
    die "the commands of this clone could not be installed; see the lines above."
printf '%s\n' "$fingerprint" >"$stamp"
