package consent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// wrote is a customer's message a minute after what was before.
func (w *world) wrote(key, network, text string) Heard {
	w.now.Advance(time.Minute)
	return Heard{
		Customer: "cus_a", Conversation: "con_1", Network: network, Event: "$" + key, Key: "in:$" + key, At: w.now.Now(),
		Content: channel.Content{Kind: "text", Text: text},
	}
}

// chose is what a customer chose in the network's own app.
func (w *world) chose(key, category, value string) Heard {
	heard := w.wrote(key, "red", "The customer decided something.")
	heard.Content.Kind = "notice"
	heard.Content.Payload = map[string]any{PreferenceKey: map[string]any{CategoryKey: category, ValueKey: value}}
	return heard
}

func (w *world) hear(heard Heard) Outcome {
	w.Helper()
	outcome, err := w.Heard(w.Context(), heard)
	if err != nil {
		w.Fatal(err)
	}
	return outcome
}

// expect compares an outcome without its confirmation's words.
func (w *world) expect(got Outcome, opted State, changed, confirmed bool) {
	w.Helper()
	if got.Opted != opted || got.Changed != changed || (got.Confirmation != "") != confirmed {
		w.Errorf("%+v", got)
	}
}

func TestHeardStop(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("before", "cus_a", "red", Marketing, In))
		first := w.wrote("1", "red", "Stop!")
		outcome := w.hear(first)
		w.expect(outcome, Out, true, true)
		if outcome.Language != "en" || !strings.Contains(outcome.Confirmation, "reply START") {
			w.Errorf("%+v", outcome)
		}
		if w.answers("cus_a", "red") != [3]bool{} || w.answers("cus_a", "blue") != [3]bool{} || !w.allowed("cus_a", "red", Answer) {
			w.Errorf("red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		proof := w.history("cus_a")[0]
		proof.ID, proof.RecordedAt = 0, time.Time{}
		want := Entry{
			Key: "in:$1", Customer: "cus_a", State: Out, Source: Keyword, Event: "$1", Conversation: "con_1", By: "cus_a", At: first.At,
		}
		if proof != want {
			w.Errorf("%+v", proof)
		}
		w.expect(w.hear(w.wrote("2", "blue", "stop")), Out, false, false) // silent
		if again := w.hear(first); again != outcome {
			w.Errorf("when the same message comes again: %+v", again)
		}
		if len(w.history("cus_a")) != 3 {
			w.Errorf("%d entries", len(w.history("cus_a")))
		}
	})
}

func TestHeardStart(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.expect(w.hear(w.wrote("1", "red", "alta")), In, true, true)
		if w.answers("cus_a", "red") != [3]bool{true, true, true} || w.allowed("cus_a", "blue", Marketing) {
			w.Errorf("agreed on red: red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		w.expect(w.hear(w.wrote("2", "red", "START")), In, false, false)
		w.hear(w.wrote("3", "red", "baja"))
		w.expect(w.hear(w.wrote("4", "red", "/start")), "", false, false)
		if w.answers("cus_a", "red") != [3]bool{} {
			w.Errorf("a bot was opened: %v", w.answers("cus_a", "red"))
		}
		back := w.wrote("5", "red", "ALTA")
		outcome := w.hear(back)
		w.expect(outcome, In, true, true)
		if outcome.Language != "es" || !strings.Contains(outcome.Confirmation, "responda BAJA") {
			w.Errorf("%+v", outcome)
		}
		if w.answers("cus_a", "red") != [3]bool{true, true, true} || w.answers("cus_a", "blue") != [3]bool{true, true, true} {
			w.Errorf("came back: red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		if again := w.hear(back); again != outcome {
			w.Errorf("when the same message comes again: %+v", again)
		}
	})
}

// Networks date in whole seconds: what comes later in a conversation counts.
func TestHeardWithinASecond(t *testing.T) {
	each(t, Options{}, func(w *world) {
		stopped, started := w.wrote("1", "red", "STOP"), w.wrote("2", "red", "START")
		started.At = stopped.At
		w.hear(stopped)
		w.expect(w.hear(started), In, true, true)
		if w.answers("cus_a", "red") != [3]bool{true, true, true} {
			w.Errorf("%v", w.answers("cus_a", "red"))
		}
	})
}

func TestHeardOffers(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("before", "cus_a", Everywhere, Marketing, In))
		w.expect(w.hear(w.wrote("1", "red", "Stop promotions")), Out, true, true)
		if w.answers("cus_a", "red") != [3]bool{false, true, true} || w.allowed("cus_a", "blue", Marketing) {
			w.Errorf("red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		w.expect(w.hear(w.wrote("2", "red", "stop")), Out, true, true) // that is more
		w.expect(w.hear(w.wrote("3", "red", "Stop promotions")), Out, false, false)
	})
}

func TestHeardNothing(t *testing.T) {
	each(t, Options{}, func(w *world) {
		for name, content := range map[string]channel.Content{
			"AnotherText":     {Kind: "text", Text: "please stop sending the parcel"},
			"Caption":         {Kind: "image", Text: "STOP"},
			"Reaction":        {Kind: "reaction", Text: "STOP"},
			"Notice":          {Kind: "notice", Text: "STOP"},
			"OtherPayload":    {Kind: "text", Text: "hello", Payload: map[string]any{"geo_uri": "geo:0,0", PreferenceKey: "stop"}},
			"OtherCategory":   {Kind: "notice", Payload: map[string]any{PreferenceKey: map[string]any{CategoryKey: "calls", ValueKey: "stop"}}},
			"NoCategory":      {Kind: "notice", Payload: map[string]any{PreferenceKey: map[string]any{ValueKey: "stop"}}},
			"OtherPreference": {Kind: "notice", Payload: map[string]any{PreferenceKey: map[string]any{CategoryKey: "marketing_messages", ValueKey: 7}}},
		} {
			w.Run(name, func(t *testing.T) {
				heard := w.wrote(name, "red", "")
				heard.Content = content
				if got := w.hear(heard); got != (Outcome{}) {
					t.Errorf("%+v", got)
				}
			})
		}
		if got := w.history("cus_a"); len(got) != 0 {
			w.Errorf("%+v", got)
		}
	})
}

func TestHeardEdit(t *testing.T) {
	each(t, Options{}, func(w *world) {
		heard := w.wrote("1", "red", "STOP") // as the customer mended it
		heard.Content.Kind = "edit"
		w.expect(w.hear(heard), Out, true, true)
	})
}

func TestHeardRefuses(t *testing.T) {
	each(t, Options{}, func(w *world) {
		for name, spoil := range map[string]func(h *Heard){
			"NoNetwork": func(h *Heard) { h.Network = "" }, "NoCustomer": func(h *Heard) { h.Customer = "" }, "NoKey": func(h *Heard) { h.Key = "" },
		} {
			w.Run(name, func(t *testing.T) {
				heard := w.wrote("1", "red", "START")
				spoil(&heard)
				if got, err := w.Heard(t.Context(), heard); !errors.Is(err, errs.ErrInvalid) || got != (Outcome{}) || strings.Contains(err.Error(), "START") {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
	})
}

func TestHeardPreference(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.expect(w.hear(w.chose("1", "marketing_messages", "signup")), In, true, false)
		if w.answers("cus_a", "red") != [3]bool{true, true, true} || w.allowed("cus_a", "blue", Marketing) {
			w.Errorf("signed up on red: red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		w.expect(w.hear(w.chose("2", "marketing_messages", "stop")), Out, true, false)
		if w.answers("cus_a", "red") != [3]bool{false, true, true} {
			w.Errorf("stopped: %v", w.answers("cus_a", "red"))
		}
		w.expect(w.hear(w.chose("3", "marketing_messages", "stop")), Out, false, false)
		w.expect(w.hear(w.chose("4", "utility_messages", "stop")), Out, true, false) // should Meta ever add it
		w.expect(w.hear(w.chose("5", "marketing_messages", "resume")), In, true, false)
		if w.answers("cus_a", "red") != [3]bool{true, false, true} {
			w.Errorf("resumed: %v", w.answers("cus_a", "red"))
		}
		if last := w.history("cus_a")[0]; last.Source != Preference || last.Event != "$5" || last.Network != "red" || last.By != "cus_a" {
			w.Errorf("%+v", last)
		}
	})
}

func TestFailed(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.must(byAgent("before", "cus_a", Everywhere, Marketing, In))
		w.now.Advance(time.Hour)
		failed := func(event string, objection Purpose) Outcome {
			w.Helper()
			outcome, err := w.Failed(w.Context(), Failure{Customer: "cus_a", Conversation: "con_1", Network: "red", Event: event, Objection: objection, At: w.now.Now()})
			if err != nil {
				w.Fatal(err)
			}
			return outcome
		}
		w.expect(failed("$0", ""), "", false, false)
		for range 2 {
			w.expect(failed("$1", Marketing), Out, true, false)
		}
		if w.answers("cus_a", "red") != [3]bool{false, true, true} || !w.allowed("cus_a", "blue", Marketing) {
			w.Errorf("red %v, blue %v", w.answers("cus_a", "red"), w.answers("cus_a", "blue"))
		}
		w.expect(failed("$2", Marketing), Out, false, false)
		entries := w.history("cus_a")
		if len(entries) != 3 || entries[0].Source != Provider || entries[0].Event != "$2" || entries[0].By != "puente" {
			w.Errorf("%+v", entries)
		}
		for _, wrong := range []Failure{{Customer: "cus_a", Event: "$1"}, {Customer: "cus_a", Network: "red"}, {Network: "red", Event: "$1"}} {
			wrong.Objection = Marketing
			if _, err := w.Failed(w.Context(), wrong); !errors.Is(err, errs.ErrInvalid) {
				w.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

// A refusal that is told late does not beat what the customer decided since.
func TestFailedLate(t *testing.T) {
	each(t, Options{}, func(w *world) {
		refused := w.now.Now()
		w.hear(w.chose("1", "marketing_messages", "resume"))
		outcome, err := w.Failed(w.Context(), Failure{Customer: "cus_a", Network: "red", Event: "$0", Objection: Marketing, At: refused})
		if err != nil || outcome.Changed || !w.allowed("cus_a", "red", Marketing) {
			w.Errorf("%+v, %v", outcome, err)
		}
	})
}

// What a merge joined is looked through as well: a second STOP on the other channel is silent.
func TestHeardAfterAMerge(t *testing.T) {
	each(t, Options{}, func(w *world) {
		w.hear(w.wrote("1", "red", "STOP"))
		w.move("cus_a", "cus_b")
		for i, test := range []struct {
			text    string
			changed bool
		}{{"STOP", false}, {"START", true}} {
			heard := w.wrote(fmt.Sprint("after", i), "blue", test.text)
			heard.Customer = "cus_b"
			if got := w.hear(heard); got.Changed != test.changed {
				w.Errorf("%s: %+v", test.text, got)
			}
		}
		if w.answers("cus_a", "red") != [3]bool{true, true, true} {
			w.Errorf("%v", w.answers("cus_a", "red"))
		}
	})
}
