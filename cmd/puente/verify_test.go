package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/hub"
)

func TestJournalVerifyNeedsARunningPuente(t *testing.T) {
	path := written(t, settings(t, "http://127.0.0.1:1"))
	_, err := puente(t, nobody(t), "journal", "verify", "-c", path)
	if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(err.Error(), "puente run") {
		t.Errorf("error: %v", err)
	}
	if _, err = puente(t, nobody(t), "journal", "verify", "-c", path, "--hours", "0"); !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "--hours") {
		t.Errorf("error: %v", err)
	}
}

func TestVerificationInPrint(t *testing.T) {
	var out bytes.Buffer
	err := printVerification(&out, hub.Verification{
		Since: time.Now(), Rooms: 2, TakenIn: 3,
		Tallies:  []hub.Tally{{Network: "red", Direction: hub.In, Seen: 14, Waiting: 1, Failed: 2, Late: 4, Lost: 5, Doubled: 6}},
		Examples: []hub.Example{{What: "lost", Network: "red", Direction: hub.In, Room: "!r:x", Event: "$e"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"red in 14 1 2 4 5 6", "lost: red in $e in !r:x", "2 rooms since", "3 events"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}
