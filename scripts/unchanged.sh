#!/bin/sh
# unchanged.sh NAME COMMAND… runs the command and fails if it changed a file of the project, naming the file and
# NAME as the mend. It compares the files themselves, so it needs no repository and minds no uncommitted change.
set -eu
cd "$(dirname "$0")/.."

name=$1
shift
before=$(mktemp)
after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT

sums() {
	find . -type d \( -name '.?*' -o -path ./bin \) -prune -o -type f -exec sha256sum {} + | sort -k 2
}

sums >"$before"
"$@"
sums >"$after"
if changed=$(diff "$before" "$after" | sed -n 's/^[<>] [0-9a-f]*  \.\///p' | sort -u) && [ -n "$changed" ]; then
	echo "These files were out of date, and are right now; commit what \"$name\" writes:" >&2
	echo "$changed" >&2
	exit 1
fi
