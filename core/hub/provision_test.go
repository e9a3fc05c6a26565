package hub

import (
	"net/http"
	"strings"
	"testing"
)

const whoamiPath = "/red/_matrix/provision/v3/whoami"

func TestProvisioning(t *testing.T) {
	// mautrix v0.31.0 reads a login's state for whoami without the lock under which it is written.
	silent := func(w *world) { w.red.silent, w.blue.silent = true, true }
	each(t, silent, func(w *world) {
		w.hs.mu.Lock()
		w.hs.tokens["operators-token"], w.hs.tokens["anas-token"] = operator, ana
		w.hs.mu.Unlock()
		for _, test := range []struct {
			name, token, query string
			status             int
		}{
			{"NoToken", "", "", 401},
			{"UnknownToken", "nonsense", "", 401},
			{"NotAnOperators", "anas-token", "", 403},
			{"NotAnOperatorsAlthoughItSaysSo", "anas-token", "?user_id=" + operator.String(), 403},
			{"TheHubsOwn", testASToken, "", 403},
			{"AnOperators", "operators-token", "", 200},
			{"SharedSecret", "a-shared-secret-of-tests", "", 200},
			{"AnotherUserInTheQuery", "a-shared-secret-of-tests", "?user_id=@puente_red:example.org&user_id=" + ana.String(), 200},
		} {
			status, body := w.get(whoamiPath+test.query, test.token)
			if status != test.status {
				w.Errorf("%s: %d %s", test.name, status, body)
			}
			// Only the desk's user owns the login that the answer names.
			if status == 200 && (!strings.Contains(body, `"account"`) || !strings.Contains(body, "@puente_red:example.org")) {
				w.Errorf("%s: %s", test.name, body)
			}
		}
		w.hs.failWith(func(*http.Request, []string) int { return 502 })
		if status, _ := w.get(whoamiPath, "operators-token"); status != 502 {
			w.Errorf("without a homeserver: %d", status)
		}
		w.hs.failWith(nil)
		req, err := http.NewRequestWithContext(w.ctx, http.MethodOptions, w.hub.URL()+whoamiPath, nil)
		w.must(err)
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			w.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
		}
	})
	t.Run("WithoutASecretOnlyMatrixTokensWork", func(t *testing.T) {
		alone(t, func(w *world) { silent(w); w.opts.ProvisioningSecret = "" }, func(w *world) {
			w.hs.mu.Lock()
			w.hs.tokens["operators-token"] = operator
			w.hs.mu.Unlock()
			if status, _ := w.get(whoamiPath, ""); status != 401 {
				w.Errorf("an empty token: %d", status)
			}
			if status, body := w.get(whoamiPath, "operators-token"); status != 200 {
				w.Errorf("an operator's token: %d %s", status, body)
			}
		})
	})
}
