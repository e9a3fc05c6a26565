#!/bin/sh
# fuzz.sh TIME runs each fuzz target of the project for that time ("10s"), one after another. It finds them by itself.
# An input that fails is kept in the testdata/fuzz of its package; commit it with the mend.
set -eu
cd "$(dirname "$0")/.."

time=${1:-10s}
targets=$(grep -rHo --include='*_test.go' --exclude-dir='.?*' '^func Fuzz[A-Za-z0-9_]*' bridges cmd core scripts test |
	sed 's,/[^/]*:func , ,' | sort)
count=$(echo "$targets" | wc -l)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
n=0
failed=0
echo "$targets" | {
	while read -r folder name; do
		n=$((n + 1))
		printf '[%d/%d] %s %s: ' "$n" "$count" "$folder" "$name"
		if go test -tags goolm -run '^$' -fuzz "^$name\$" -fuzztime "$time" "./$folder" >"$log" 2>&1; then
			sed -n 's/.*execs: \([0-9]*\).*(total: \([0-9]*\)).*/\1 inputs, \2 of interest/p' "$log" | tail -n 1 | grep . || echo ok
		else
			failed=$((failed + 1))
			echo "FAILED"
			cat "$log"
		fi
	done
	echo "$((n - failed)) passed, $failed failed"
	[ "$failed" = 0 ]
}
