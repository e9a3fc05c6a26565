// Command freeze keeps the database of a release for the tests of all later ones:
//
//	go run -tags goolm ./scripts/freeze [-again] v0.2.0
//
// It runs in the project's folder, and needs PostgreSQL's programs installed as the tests do.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"puente/core/testkit/frozen"
)

func main() {
	again := flag.Bool("again", false, "the release is frozen and not released yet: freeze it anew")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "freeze: name one release, like v0.2.0")
		os.Exit(2)
	}
	if err := frozen.Freeze(context.Background(), ".", flag.Arg(0), *again); err != nil {
		fmt.Fprintln(os.Stderr, "freeze:", err)
		os.Exit(1)
	}
}
