package crash

import (
	"reflect"
	"slices"
	"testing"

	"puente/bridges/bridgekit/phone"
)

func message(seq int) token { return token{dir: in, chat: 1, seq: seq} }

func written(seqs ...int) (list []wrote) {
	for _, seq := range seqs {
		list = append(list, wrote{token: message(seq)})
	}
	return list
}

func onScreen(seqs ...int) (list []shown) {
	for _, seq := range seqs {
		list = append(list, shown{token: message(seq)})
	}
	return list
}

func nobodyWasTold(token) bool { return false }

func TestCheckerSeesWhatIsWrong(t *testing.T) {
	taken := written(1, 2, 3)
	taken[1].deleted = true
	gap := []shown{{token: message(1)}, {blank: true}, {token: message(3)}}
	tests := map[string]struct {
		written       []wrote
		seen          []shown
		lost, doubled []int
		swapped       []int
		blanks        int
	}{
		"AllIsWell":          {written: written(1, 2, 3), seen: onScreen(1, 2, 3)},
		"OneIsLost":          {written: written(1, 2, 3), seen: onScreen(1, 3), lost: []int{2}},
		"TheLastIsLost":      {written: written(1, 2, 3), seen: onScreen(1, 2), lost: []int{3}},
		"AllAreLost":         {written: written(1, 2), lost: []int{1, 2}},
		"OneIsDoubled":       {written: written(1, 2, 3), seen: onScreen(1, 2, 2, 3), doubled: []int{2}},
		"OneIsDoubledLate":   {written: written(1, 2, 3), seen: onScreen(1, 2, 3, 1), doubled: []int{1}},
		"TwoAreSwapped":      {written: written(1, 2, 3), seen: onScreen(1, 3, 2), swapped: []int{2}},
		"TheFirstIsLast":     {written: written(1, 2, 3), seen: onScreen(2, 3, 1), swapped: []int{1}},
		"LostAndDoubled":     {written: written(1, 2, 3), seen: onScreen(1, 1, 3), lost: []int{2}, doubled: []int{1}},
		"OneOfAnotherChat":   {written: written(1), seen: onScreen(1, 9), doubled: []int{9}},
		"DeletedLeavesAGap":  {written: taken, seen: gap},
		"DeletedIsStillRead": {written: taken, seen: onScreen(1, 2, 3)},
		"DeletedButLost":     {written: taken, seen: onScreen(1, 3), lost: []int{2}},
		"DeletedButDoubled":  {written: taken, seen: append(slices.Clone(gap), shown{blank: true}), blanks: 1},
		"AGapForNothing":     {written: written(1), seen: []shown{{blank: true}, {token: message(1)}}, blanks: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := compare(test.written, test.seen, nobodyWasTold)
			same := func(what string, got []token, want []int) {
				seqs := []int{}
				for _, one := range got {
					seqs = append(seqs, one.seq)
				}
				if !slices.Equal(seqs, append([]int{}, want...)) {
					t.Errorf("%s: %v instead of %v", what, seqs, want)
				}
			}
			same("lost", v.lost, test.lost)
			same("doubled", v.doubled, test.doubled)
			same("swapped", v.swapped, test.swapped)
			if v.blanks != test.blanks {
				t.Errorf("gaps: %d instead of %d", v.blanks, test.blanks)
			}
		})
	}
}

func TestCheckerExcusesWhatWasTold(t *testing.T) {
	told := func(one token) bool { return one.seq == 2 }
	if v := compare(written(1, 2, 3), onScreen(1, 3), told); !v.good() {
		t.Errorf("what was refused with a notice counts as lost: %+v", v)
	}
	if v := compare(written(1, 2, 3), onScreen(1, 2), told); len(v.lost) != 1 {
		t.Errorf("what nobody was told of does not count as lost: %+v", v)
	}
	if v := compare(written(1, 2, 3), onScreen(1, 2, 2, 3), told); len(v.doubled) != 1 {
		t.Errorf("a double is excused by a notice: %+v", v)
	}
}

func TestCheckerSeesChanges(t *testing.T) {
	edit, like := change{kind: edited, target: message(1), dir: in}, change{kind: reacted, target: message(2), dir: in}
	nobody := func(change) bool { return false }
	made := []change{edit, like}
	if lost, doubled := compareChanges(made, map[change]int{edit: 1, like: 1}, nobody); len(lost)+len(doubled) != 0 {
		t.Errorf("all is well, but: %v %v", lost, doubled)
	}
	if lost, _ := compareChanges(made, map[change]int{like: 1}, nobody); !slices.Equal(lost, []change{edit}) {
		t.Errorf("the lost edit: %v", lost)
	}
	if _, doubled := compareChanges(made, map[change]int{edit: 1, like: 2}, nobody); !slices.Equal(doubled, []change{like}) {
		t.Errorf("the doubled reaction: %v", doubled)
	}
	if lost, _ := compareChanges(made, map[change]int{like: 1}, func(change) bool { return true }); len(lost) != 0 {
		t.Errorf("what was told: %v", lost)
	}
}

func TestCheckerKnowsWhatTheJournalHas(t *testing.T) {
	got := arrivalsOf([]string{"a:ana:1:7:message", "a:ana:1:8:edit", "a:ana:1:9:receipt:00ff", "a:ana:1:10:typing:STARTED", "broken:00ff"})
	want := arrivals{said: map[string]bool{"ana:7": true, "ana:8": true}, receipts: map[string]bool{"ana:9": true}}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v", got)
	}
}

// emptyPhone is one on which everything was deleted.
type emptyPhone struct{ phone.Network }

func (emptyPhone) Messages(string, string) ([]phone.Message, error) { return nil, nil }

func TestCheckerExcusesADeletionOnSignalOnlyIfTheJournalDoesNotHaveIt(t *testing.T) {
	gone := message(1)
	c := &chat{provider: &provider{id: "signal", phones: emptyPhone{}}, members: []phone.Customer{{ID: "ana"}}}
	c.written = map[string][]*line{in: {{token: gone, deleted: true, erased: "ana:7"}}}
	deletion := []byte(`{"params":{"result":{"envelope":{"sourceUuid":"ana","timestamp":9,"dataMessage":{"remoteDelete":{"timestamp":7}}}}}}`)
	for name, want := range map[string]struct {
		keys   []string
		excuse bool
	}{
		"NeitherCame":          {nil, true},
		"OnlyTheMessageCame":   {[]string{"a:ana:1:7:message"}, true},
		"AndAReceiptAtOneTime": {[]string{"a:ana:1:7:message", "a:ana:1:9:receipt:00ff"}, true},
		"BothCame":             {[]string{"a:ana:1:7:message", "a:ana:1:9:message"}, false},
	} {
		j := &judge{seen: &inside{signal: arrivalsOf(want.keys)}, handed: []handed{{line: deletion}}}
		if got := j.changeFell(c, change{target: gone, kind: removed}); got != want.excuse {
			t.Errorf("%s: excused is %t", name, got)
		}
	}
}

func TestCheckerExcusesThePlaceOfAMessageOnSignalOfWhichOnlyALaterVersionCame(t *testing.T) {
	j := &judge{seen: &inside{signal: arrivalsOf([]string{"a:ana:1:8:edit", "a:ana:1:9:message"})}}
	for phoneID, want := range map[string]bool{"Ana:7": true, "ana:9": false, "": false} {
		if got := j.onlyChanged(phoneID); got != want {
			t.Errorf("%q: excused is %t", phoneID, got)
		}
	}
}

func TestTokensAreFound(t *testing.T) {
	for _, want := range []token{{in, 3, 42, 0}, {out, 12, 7, 0}, {in, 3, 42, 2}} {
		if got, ok := findToken("> before " + want.String() + ", and after"); !ok || got != want {
			t.Errorf("%v is read as %v", want, got)
		}
	}
	if got, _ := findToken("> out-3-7 from the agent\n\nin-3-42 from the customer"); got != (token{in, 3, 42, 0}) {
		t.Errorf("an answer is read as %v", got)
	}
	if got, ok := findToken("within-3-42 and in-3"); ok {
		t.Errorf("nothing is read as %v", got)
	}
}
