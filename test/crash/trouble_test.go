package crash

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// trouble is a way in which a provider fails.
type trouble int

// The troubles.
const (
	gone trouble = iota // it does not answer at all
	down                // it answers 500, or what it has in its place
	slow                // it takes a message's first try for too fast, and says how long to wait
	mute                // it takes a message's first try and never answers
)

// slowWait is how long a provider asks to wait.
const slowWait = 3 * time.Second

// troubleAt makes the trouble of a provider that is asked by HTTP. A mute one breaks the connection, or lets Puente wait
// until it gives up.
func troubleAt(g *gate, path, downBody string, slowStatus int, slowBody string, hang bool) func(trouble, token) func() {
	return func(kind trouble, t token) func() {
		about := func(x exchange) bool { return strings.HasSuffix(x.URL.Path, path) && names(x, t) }
		switch kind {
		case gone:
			return g.refuse(&refusal{times: -1})
		case down:
			return g.refuse(&refusal{status: http.StatusInternalServerError, body: downBody, times: -1})
		case slow:
			return g.refuse(&refusal{match: about, status: slowStatus, body: slowBody, after: strconv.Itoa(int(slowWait.Seconds())), times: 1})
		case mute:
		}
		return g.refuse(&refusal{match: about, lost: true, hang: hang, times: 1})
	}
}
