#!/bin/sh
# Checks what must be on the machine before anything is built: prereq.sh build|demo|test|test-short.
# Each thing that is missing gets one line that says how to install it. As root on Debian or Ubuntu, the test modes
# install the browser, the database server and the media converter that the tests use.
set -eu
cd "$(dirname "$0")/.."

missing=0
lacks() {
	echo "$1" >&2
	missing=1
}

check_go() {
	if ! command -v go >/dev/null; then
		lacks "Go is missing: install Go 1.26 or newer from go.dev/dl"
		return
	fi
	# Asked in this folder, a Go that may fetch the toolchain of go.mod answers with that one's version.
	version=$(go env GOVERSION 2>/dev/null || true)
	minor=$(echo "$version" | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
	if [ -z "$minor" ] || [ "$minor" -lt 26 ]; then
		lacks "Go is too old (${version:-of an unknown version}): install Go 1.26 or newer from go.dev/dl"
	elif [ "$(go env CGO_ENABLED)" != 1 ]; then
		lacks "cgo is switched off, and SQLite needs it: install a C compiler (apt-get install gcc libc6-dev), unset CGO_ENABLED"
	fi
}

check_cc() {
	cc=$(go env CC 2>/dev/null || true)
	if ! echo '#include <stdlib.h>' | ${cc:-gcc} -E -x c - >/dev/null 2>&1; then
		lacks "There is no working C compiler: apt-get install gcc libc6-dev"
	fi
}

check_python() {
	[ -z "${PUENTE_TEST_SYNAPSE_VENV:-}" ] || return 0
	for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
		if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
			return
		fi
	done
	lacks "Synapse needs Python 3.10 or newer with venv: apt-get install python3-venv"
}

has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

has_postgres() { command -v postgres || ls /usr/lib/postgresql/*/bin/postgres; }

# install_packages installs Debian packages; of two runs at once, one waits for the other.
install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get -o DPkg::Lock::Timeout=600 -qq update &&
		apt-get -o DPkg::Lock::Timeout=600 -qq install -y --no-install-recommends "$@" >/dev/null
}

# ffprobe, with which the tests look at what was converted, comes in the same package.
has_ffmpeg() { command -v ffmpeg && command -v ffprobe; }

check_test_programs() {
	wanted=""
	has_chromium >/dev/null 2>&1 || wanted="$wanted chromium"
	has_postgres >/dev/null 2>&1 || wanted="$wanted postgresql"
	has_ffmpeg >/dev/null 2>&1 || wanted="$wanted ffmpeg"
	[ -n "$wanted" ] || return 0
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "== installing$wanted"
		# shellcheck disable=SC2086 # one word per package
		install_packages $wanted || lacks "The tests need what could not be installed: apt-get install$wanted"
	else
		lacks "The tests need: apt-get install$wanted"
	fi
}

check_go
check_cc
case "${1:-}" in
build) ;;
demo) check_python ;;
test-short) check_test_programs ;;
test)
	check_python
	check_test_programs
	;;
*)
	echo "usage: prereq.sh build|demo|test|test-short" >&2
	exit 2
	;;
esac
exit "$missing"
