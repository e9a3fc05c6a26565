package hub

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"puente/core/hub/network"
)

// checking is a toy that can tell whether its set-up works.
type checking struct{ *templating }

func (c checking) Check(context.Context) []network.Finding {
	return []network.Finding{{OK: true, About: "the toy"}}
}

func TestTheRunningPuenteAnswersItsCommandLine(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.hub.byID["red"].connector = checking{&templating{toy: w.red}}
		post := func(token, body string) (int, string) {
			req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.hub.URL()+AdminRetryPath, strings.NewReader(body))
			w.must(err)
			req.Header.Set("Authorization", "Bearer "+token)
			return do(w, req)
		}
		if status, _ := post("wrong", `{}`); status != 401 {
			w.Errorf("a wrong token: %d", status)
		}
		if status, _ := post(testASToken, `x`); status != 400 {
			w.Errorf("no list: %d", status)
		}
		if status, body := post(testASToken, `{"entries":[7]}`); status != 200 || strings.TrimSpace(body) != `{"retried":0}` {
			w.Errorf("a list: %d %s", status, body)
		}
		if status, body := w.get(AdminCheckPath, testASToken); status != 200 || !strings.Contains(body, "the toy") {
			w.Errorf("the check: %d %s", status, body)
		}
		w.must(w.db.Close())
		if status, _ := post(testASToken, `{"entries":[7]}`); status != 500 {
			w.Errorf("without a database: %d", status)
		}
	})
}
