package consent

import (
	"testing"
	"time"
)

// said is a short way to write an entry: at a minute, in the order of recording.
type said struct {
	minute  int
	network string
	purpose Purpose
	state   State
}

func entries(all ...said) []Entry {
	var list []Entry
	for i, s := range all {
		list = append(list, Entry{
			ID: int64(i + 1), At: morning.Add(time.Duration(s.minute) * time.Minute), Network: s.network, Purpose: s.purpose, State: s.state,
		})
	}
	return list
}

func TestDecide(t *testing.T) {
	stopAll := said{10, Everywhere, Everything, Out}
	for name, test := range map[string]struct {
		entries  []Entry
		network  string
		purpose  Purpose
		allowed  bool
		explicit int64 // the ID of the entry that decides; 0: the policy
	}{
		"MarketingNeedsAgreement":              {nil, "red", Marketing, false, 0},
		"UtilityNeedsNone":                     {nil, "red", Utility, true, 0},
		"ServiceNeedsNone":                     {nil, "red", Service, true, 0},
		"AnotherPurposeNeedsAgreement":         {nil, "red", "survey", false, 0},
		"AnswerIsAlwaysAllowed":                {entries(stopAll), "red", Answer, true, 0},
		"AgreementAllows":                      {entries(said{1, "red", Marketing, In}), "red", Marketing, true, 1},
		"AgreementIsForItsNetwork":             {entries(said{1, "red", Marketing, In}), "blue", Marketing, false, 0},
		"AgreementIsForItsPurpose":             {entries(said{1, "red", Utility, In}), "red", Marketing, false, 0},
		"AgreementEverywhereIsForAllNetworks":  {entries(said{1, Everywhere, Marketing, In}), "blue", Marketing, true, 1},
		"StopBeatsOlderAgreementToOne":         {entries(said{1, "red", Marketing, In}, stopAll), "red", Marketing, false, 2},
		"StopClosesUtility":                    {entries(stopAll), "red", Utility, false, 1},
		"StopClosesPurposesOfLater":            {entries(stopAll), "red", "survey", false, 1},
		"NewerAgreementOpensItsPurpose":        {entries(stopAll, said{11, Everywhere, Utility, In}), "red", Utility, true, 2},
		"NewerAgreementOpensNoOther":           {entries(stopAll, said{11, Everywhere, Utility, In}), "red", Marketing, false, 1},
		"NewerAgreementOpensNoOtherNetwork":    {entries(stopAll, said{11, "red", Utility, In}), "blue", Utility, false, 1},
		"StopOnOneNetworkLeavesOthers":         {entries(said{1, "red", Everything, Out}), "blue", Service, true, 0},
		"AgreementToEverythingBeatsOlderStop":  {entries(stopAll, said{11, Everywhere, Everything, In}), "red", Marketing, true, 2},
		"OldListImportedTodayDoesNotBeatStop":  {entries(stopAll, said{1, Everywhere, Marketing, In}), "red", Marketing, false, 1},
		"OfTheSameMomentTheLaterRecordedWins":  {entries(stopAll, said{10, Everywhere, Everything, In}), "red", Utility, true, 2},
		"EverywhereAsksForNoNetworkInSpecial":  {entries(said{1, "red", Marketing, In}), Everywhere, Marketing, false, 0},
		"EverywhereIsAnsweredByAllNetworks":    {entries(said{1, Everywhere, Marketing, In}), Everywhere, Marketing, true, 1},
		"OrderOfTheListDoesNotCount":           {reversed(entries(said{1, "red", Marketing, In}, stopAll)), "red", Marketing, false, 2},
		"NarrowObjectionDoesNotBeatNewerStart": {entries(said{1, "red", Marketing, Out}, said{2, "red", Everything, In}), "red", Marketing, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			got := DefaultPolicy().Decide(test.entries, test.network, test.purpose)
			if got.Allowed != test.allowed || got.Explicit != (test.explicit != 0) || got.Entry.ID != test.explicit {
				t.Errorf("allowed %v, explicit %v by entry %d", got.Allowed, got.Explicit, got.Entry.ID)
			}
		})
	}
}

func reversed(list []Entry) []Entry {
	var back []Entry
	for i := range list {
		back = append(back, list[len(list)-1-i])
	}
	return back
}

func TestChanges(t *testing.T) {
	stopAll := said{10, Everywhere, Everything, Out}
	for name, test := range map[string]struct {
		before []said
		entry  said
		want   bool
	}{
		"FirstStop":                     {nil, stopAll, true},
		"SecondStop":                    {[]said{stopAll}, said{11, Everywhere, Everything, Out}, false},
		"StopAfterSomethingWasReopened": {[]said{stopAll, {11, "red", Marketing, In}}, said{12, Everywhere, Everything, Out}, true},
		"StopThatCameLate":              {[]said{{5, Everywhere, Everything, Out}, {11, Everywhere, Everything, In}}, said{10, Everywhere, Everything, Out}, false},
		"MarketingOutAfterStop":         {[]said{stopAll}, said{11, "red", Marketing, Out}, false},
		"FirstObjectionToMarketing":     {nil, said{1, "red", Marketing, Out}, true}, // it was not allowed, but nobody had said so
		"SecondObjectionToMarketing":    {[]said{{1, "red", Marketing, Out}}, said{2, "red", Marketing, Out}, false},
		"ObjectionOnAnotherNetwork":     {[]said{{1, "red", Marketing, Out}}, said{2, "blue", Marketing, Out}, true},
		"Start":                         {[]said{stopAll}, said{11, Everywhere, Everything, In}, true},
		"SecondStart":                   {[]said{stopAll, {11, Everywhere, Everything, In}}, said{12, "red", Everything, In}, false},
	} {
		t.Run(name, func(t *testing.T) {
			all := entries(append(test.before, test.entry)...)
			mine := all[len(all)-1]
			if got := DefaultPolicy().changes(all[:len(all)-1], mine); got != test.want {
				t.Errorf("%v", got)
			}
			later := append(all, Entry{ID: mine.ID + 1, At: mine.At.Add(time.Hour), Purpose: Everything, State: In})
			if got := DefaultPolicy().changes(later, mine); got != test.want {
				t.Errorf("when it is asked again later: %v", got)
			}
		})
	}
}

func TestReopens(t *testing.T) {
	stopAll := said{10, Everywhere, Everything, Out}
	for name, test := range map[string]struct {
		before  []said
		network string
		purpose Purpose
	}{
		"NothingClosed":               {nil, "red", Marketing},
		"AgreedBefore":                {[]said{{1, Everywhere, Marketing, In}}, "red", Marketing},
		"AllClosed":                   {[]said{stopAll}, Everywhere, Everything},
		"AllClosedHere":               {[]said{{1, "red", Everything, Out}}, "red", Everything},
		"AllClosedElsewhere":          {[]said{{1, "blue", Everything, Out}}, "red", Marketing},
		"AllClosedAndMarketingToo":    {[]said{stopAll, {11, "red", Marketing, Out}}, Everywhere, Everything},
		"AllClosedButOneReopened":     {[]said{stopAll, {11, "red", Marketing, In}}, Everywhere, Everything},
		"AllReopened":                 {[]said{stopAll, {11, Everywhere, Everything, In}}, "red", Marketing},
		"MarketingClosedHere":         {[]said{{1, "red", Marketing, Out}}, "red", Marketing},
		"MarketingClosedOnAll":        {[]said{{1, Everywhere, Marketing, Out}}, Everywhere, Marketing},
		"AnotherPurposeStaysAsItIs":   {[]said{{1, Everywhere, Utility, Out}}, "red", Marketing},
		"ReopenedThenMarketingClosed": {[]said{stopAll, {11, Everywhere, Everything, In}, {12, Everywhere, Marketing, Out}}, Everywhere, Marketing},
	} {
		t.Run(name, func(t *testing.T) {
			if network, purpose := DefaultPolicy().reopens(entries(test.before...), "red"); network != test.network || purpose != test.purpose {
				t.Errorf("%q on %q", purpose, network)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	t.Run("CompanyAddsAndChanges", func(t *testing.T) {
		policy, err := Policy{Purposes: map[Purpose]bool{"survey": true, Utility: false}}.complete()
		if err != nil || !policy.Decide(nil, "red", "survey").Allowed || policy.Decide(nil, "red", Utility).Allowed {
			t.Errorf("%v, %v", policy, err)
		}
		if policy.Decide(nil, "red", Marketing).Allowed || !policy.Decide(nil, "red", Service).Allowed {
			t.Error("what was not named changed")
		}
	})
	for name, purpose := range map[string]Purpose{"Answer": Answer, "Everything": Everything, "Spaces": "my offers", "Capitals": "Survey"} {
		t.Run("Refuses"+name, func(t *testing.T) {
			if _, err := (Policy{Purposes: map[Purpose]bool{purpose: true}}).complete(); err == nil {
				t.Error("it was taken")
			}
		})
	}
}
