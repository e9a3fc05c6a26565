package crash

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"os"
	"time"

	"puente/core/base/store"
)

// options is how large a run is, and on which database.
type options struct {
	messages, kills        int
	customers              int // on each channel
	database               string
	seed                   uint64
	latencyMin, latencyMax time.Duration
	backlog                int // how many messages may be on their way when the next burst begins
	patience               time.Duration
	progress               bool
	results                string
	config                 map[string]string // what else differs from the example, by key
	keep                   bool
}

// flags are the sizes that a command line may change. The defaults are those of the short form.
type flags struct {
	long      *bool
	messages  *int
	kills     *int
	customers *int
	database  *string
	seed      *uint64
	results   *string
	keep      *bool
}

// databaseVariable chooses the kind of database for all tests.
const databaseVariable = "PUENTE_TEST_DATABASE"

func declareFlags() flags {
	return flags{
		long:      flag.Bool("crash.long", false, "the long run: 10,000 messages, 200 kills, 20 customers on each channel, with progress"),
		messages:  flag.Int("crash.messages", 0, "how many messages; 0: 400, or 10,000 with -crash.long"),
		kills:     flag.Int("crash.kills", 0, "how many kills; 0: one at a marked point of each kind and two at random moments, or 200 with -crash.long"),
		customers: flag.Int("crash.customers", 0, "how many customers on each channel; 0: 3, or 20 with -crash.long"),
		database:  flag.String("crash.database", cmp.Or(os.Getenv(databaseVariable), store.SQLite), "sqlite or postgres; else what "+databaseVariable+" says"),
		seed:      flag.Uint64("crash.seed", 0, "what chance begins with; 0: another one each time, which is logged"),
		results:   flag.String("crash.results", "", "a file for the results, as JSON"),
		keep:      flag.Bool("crash.keep", false, "keep the folder with Puente's database and the logs"),
	}
}

// read makes options of the flags.
func (f flags) read() options {
	o := options{
		messages: 400, kills: 0, customers: 3, database: *f.database, seed: *f.seed, results: *f.results, keep: *f.keep,
		latencyMin: 5 * time.Millisecond, latencyMax: 500 * time.Millisecond, backlog: 40, patience: 4 * time.Minute, // twice as long as a report may wait for its message
	}
	if *f.long {
		o.messages, o.kills, o.customers, o.backlog, o.patience, o.progress = 10_000, 200, 20, 120, 15*time.Minute, true
	}
	for _, one := range []struct {
		given int
		into  *int
	}{{*f.messages, &o.messages}, {*f.kills, &o.kills}, {*f.customers, &o.customers}} {
		if one.given > 0 {
			*one.into = one.given
		}
	}
	if o.seed == 0 {
		o.seed = rand.Uint64() // #nosec G404 -- chance that can be repeated is what is wanted
	}
	return o
}

// spread draws how long a request takes at a provider: between the two latencies, mostly near the lower one, so that a
// long run ends.
func (o options) spread() time.Duration {
	x := rand.Float64() // #nosec G404 -- how long something takes need not be secret
	return o.latencyMin + time.Duration(float64(o.latencyMax-o.latencyMin)*x*x*x*x)
}
