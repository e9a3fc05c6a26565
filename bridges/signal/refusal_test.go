package signal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal/daemon"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

func TestRefusals(t *testing.T) {
	all := func(results ...daemon.Result) *daemon.SendResult {
		return &daemon.SendResult{Timestamp: 1, Results: results}
	}
	for name, test := range map[string]struct {
		refused daemon.Error
		again   bool
		after   time.Duration
		words   string
	}{
		"Unregistered":      {daemon.Error{Code: -1, Response: all(daemon.Result{Type: daemon.Unregistered})}, false, 0, "not on Signal any more"},
		"UnregisteredText":  {daemon.Error{Code: -1, Said: "The user +4930 is not registered."}, false, 0, "not on Signal any more"},
		"Identity":          {daemon.Error{Code: -4, Response: all(daemon.Result{Type: daemon.IdentityFail})}, false, 0, "!puente trust"},
		"IdentityWithout":   {daemon.Error{Code: -4}, false, 0, "!puente trust"},
		"RateLimit":         {daemon.Error{Code: -5, Response: all(daemon.Result{Type: daemon.RateLimitFail, RetryAfter: 90})}, true, 90 * time.Second, "90 seconds"},
		"RateLimitWithout":  {daemon.Error{Code: -5}, true, defaultWait, "30 seconds"},
		"Network":           {daemon.Error{Code: -1, Response: all(daemon.Result{Type: daemon.NetworkFail})}, true, 0, "keeps trying"},
		"NetworkAndOther":   {daemon.Error{Code: -1, Response: all(daemon.Result{Type: daemon.Unregistered}, daemon.Result{Type: daemon.NetworkFail})}, true, 0, "keeps trying"},
		"PreKeys":           {daemon.Error{Code: -1, Response: all(daemon.Result{Type: daemon.PreKeyFail})}, true, 0, "keys"},
		"IO":                {daemon.Error{Code: -3}, true, 0, "keeps trying"},
		"Internal":          {daemon.Error{Code: -32603}, true, 0, "failed over it"},
		"NoAccount":         {daemon.Error{Code: -32602, Said: "Specified account does not exist"}, false, 0, "login signal link"},
		"NoMethod":          {daemon.Error{Code: -32601}, false, 0, "too old"},
		"NotAMember":        {daemon.Error{Code: -1, Said: "User is not a member in group: x"}, false, 0, "not a member"},
		"AnnouncementsOnly": {daemon.Error{Code: -1, Said: "User is not allowed to send message to group: x"}, false, 0, "only admins"},
		"Unknown":           {daemon.Error{Code: -1, Said: "Something else"}, false, 0, "does not know"},
		"UnknownResult":     {daemon.Error{Code: -1, Response: all(daemon.Result{Type: "NEW_FAILURE"})}, false, 0, "does not know"},
	} {
		t.Run(name, func(t *testing.T) {
			cl := &Client{connector: &Connector{clock: clock.NewManual(time.Unix(1_800_000_000, 0)), log: zerolog.Nop()}}
			portal := &bridgev2.Portal{Portal: &database.Portal{PortalKey: networkid.PortalKey{ID: "p"}}}
			err := cl.refused(t.Context(), &event.Event{ID: "$1"}, portal, &test.refused)
			after, again := errs.IsTemporary(err)
			if again != test.again || after != test.after || !strings.Contains(errs.Message(err), test.words) {
				t.Errorf("again %v after %v: %q", again, after, errs.Message(err))
			}
			if strings.Contains(err.Error(), "+4930") {
				t.Error("the error shows a number")
			}
		})
	}
}

func TestFaultsThatRarelyPassAreTriedAFewTimes(t *testing.T) {
	if tries(errs.Temporary(&passing{errors.New("x")}, 0)) != fewTries || tries(errs.Temporary(errors.New("x"), 0)) != 0 {
		t.Error("tries")
	}
}

func TestLimit(t *testing.T) {
	var l limit
	now := time.Unix(1_800_000_000, 0)
	if err := l.check(now); err != nil {
		t.Error(err)
	}
	l.set(now.Add(time.Minute), "wait")
	if after, again := errs.IsTemporary(l.check(now.Add(20 * time.Second))); !again || after != 40*time.Second {
		t.Errorf("%v %v", again, after)
	}
	if err := l.check(now.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	l.set(now.Add(time.Hour), "wait")
	l.lift()
	if err := l.check(now); err != nil {
		t.Error(err)
	}
}

func TestWhatWasRefusedIsRemembered(t *testing.T) {
	var u untrusted
	chat := networkid.PortalKey{ID: "p"}
	person := daemon.Address{UUID: "u"}
	for _, eventID := range []id.EventID{"$1", "$2", "$1"} {
		u.remember(chat, &event.Event{ID: eventID}, []daemon.Address{person})
	}
	got := u.take(chat)
	if len(got.events) != 2 || len(got.people) != 1 {
		t.Errorf("%+v", got)
	}
	if again := u.take(chat); len(again.events) != 0 {
		t.Errorf("%+v", again)
	}
}

func TestVersionProblems(t *testing.T) {
	now := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	for version, want := range map[daemon.Version]string{
		{Minor: 14, Patch: 10}: "", {Minor: 14, Patch: 8}: "", {Minor: 15}: "", {Minor: 14, Patch: 7}: "more than 113 days", {Minor: 13, Patch: 23}: "0.14.0 at least",
	} {
		if got := versionProblem(version, now); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q", version, got)
		}
	}
	if got := versionProblem(daemon.Version{Minor: 14, Patch: 10}, now.AddDate(0, 6, 0)); got == "" {
		t.Error("half a year later the newest known version is still young")
	}
}

func TestReceiptsThatAreQuickerThanTheAnswerWaitForIt(t *testing.T) {
	chat, other := networkid.PortalKey{ID: "p"}, networkid.PortalKey{ID: "q"}
	for name, answer := range map[string]func(*attempts){
		"Answered": func(a *attempts) { a.end("$1") },
		"Lost":     func(a *attempts) { a.lose("$1") },
		"SentAgain": func(a *attempts) {
			a.begin("$1", chat, "hello", 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var a attempts
			a.begin("$1", chat, "hello", 100)
			if !a.waits("$1") || !a.is("$1", "hello") || a.is("$1", "other") {
				t.Error("the attempt is not known")
			}
			for _, free := range []struct {
				chat networkid.PortalKey
				at   int64
			}{{chat, 99}, {other, 100}} {
				if err := a.await(t.Context(), free.chat, free.at); err != nil {
					t.Errorf("a receipt of %d in %s waits: %v", free.at, free.chat.ID, err)
				}
			}
			came := make(chan error, 1)
			go func() { came <- a.await(t.Context(), chat, 100) }()
			select {
			case err := <-came:
				t.Fatalf("a receipt does not wait for the answer: %v", err)
			case <-time.After(20 * time.Millisecond):
			}
			answer(&a)
			if err := <-came; err != nil {
				t.Error(err)
			}
		})
	}
	var a attempts
	a.begin("$1", chat, "hello", 100)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.await(ended, chat, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the program: %v", err)
	}
	a.lose("$1")
	if a.waits("$1") || !a.is("$1", "hello") {
		t.Error("a lost attempt is not known any more, or waits")
	}
	a.end("$1")
	if a.is("$1", "hello") {
		t.Error("an answered attempt is still known")
	}
}
