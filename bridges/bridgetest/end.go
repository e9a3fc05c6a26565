package bridgetest

import (
	"net/http"

	"go.uber.org/goleak"
)

func checkEnd(c *trial) {
	c.endAll()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(c.before); err != nil {
		c.t.Errorf("something still runs: %v", err)
	}
}
