// Command getwebclient installs the web clients of the tests, Node and their pinned packages, into the folder that it is
// given, and does nothing if they are there.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"puente/core/testkit/webclient"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: getwebclient FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	_, err := webclient.InstallElement(ctx, dir, func(line string) { fmt.Println(line) })
	return err
}
