package botapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
)

// FuzzRead: an answer is either JSON that can be used or an error, which quotes nothing of it and says how long to wait.
func FuzzRead(f *testing.F) {
	for _, body := range []string{
		`{"ok":true,"result":{"message_id":5,"date":1,"chat":{"id":7,"type":"private"}}}`, `{"ok":true,"result":true}`, `{"ok":false}`, `<html>`, ``, `null`,
		`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`,
		`{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-100}}`,
		`{"ok":false,"error_code":-1,"description":"x","parameters":{"retry_after":-9223372036854775808}}`,
	} {
		f.Add("sendMessage", 200, "7", []byte(body))
		f.Add("getFile", 502, "", []byte(body))
	}
	f.Fuzz(func(t *testing.T, method string, status int, after string, body []byte) {
		result, err := read(method, status, http.Header{"Retry-After": {after}}, body)
		if err == nil {
			if !json.Valid(result) {
				t.Fatalf("%q is taken for JSON", result)
			}
			return
		}
		var said struct {
			Description string `json:"description"`
		}
		if wait, _ := errs.IsTemporary(err); wait < 0 || wait > 1000*time.Hour {
			t.Fatalf("wait for %v", wait)
		}
		const secret = "0123456789-secret"
		if json.Unmarshal(body, &said) == nil && strings.Contains(said.Description, secret) && strings.Contains(err.Error(), secret) {
			t.Fatalf("the error quotes the answer: %v", err)
		}
	})
}
