package load

import (
	"fmt"
	"os"
	"testing"

	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
	"puente/test/company"
)

const domain = "localhost"

var sizes = declareFlags()

// place is where Puente listens; Synapse knows it from the start.
var place = company.Place{Listen: ports.Address(), Domain: domain}

func TestMain(m *testing.M) { os.Exit(m.Run()) }

// startHomeserver starts a Synapse in a folder, on what it may have kept there.
func startHomeserver(o *office) {
	o.Helper()
	install, err := synapsetest.Install(o.ctx, func(line string) { o.Log(line) })
	o.must(err)
	opts, err := company.Homeserver(o.dir, []company.Place{place})
	o.must(err)
	// What no agent of a business needs from a homeserver of its own, and what costs it time with every change of a member:
	// the statistics of rooms, the directory of who shares a room with whom, and who is online.
	opts.Extra = map[string]any{
		"stats": map[string]any{"enabled": false}, "user_directory": map[string]any{"enabled": false},
		"presence": map[string]any{"enabled": false},
	}
	o.server, err = synapse.Start(o.ctx, install, opts)
	o.must(err)
	o.Cleanup(func() {
		if err := o.server.Stop(); err != nil {
			o.Error(err)
		}
	})
}

// folder is where a run keeps everything: one that lasts, if one is named.
func folder(tb testing.TB, kept string) string {
	tb.Helper()
	if kept == "" {
		return tb.TempDir()
	}
	if err := os.MkdirAll(kept, 0o700); err != nil {
		tb.Fatal(fmt.Errorf("make the folder that is to be kept: %w", err))
	}
	return kept
}
