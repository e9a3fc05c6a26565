package emulation_test

import (
	"slices"
	"testing"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
)

func TestMagic(t *testing.T) {
	list := []emulation.Magic{{Digits: "0429", Effect: "too fast"}, {Digits: "0500", Effect: "down"}}
	for address, want := range map[string]string{"+16505550500": "0500", "0429": "0429", "05001": "", "500": "", "": ""} {
		if got := emulation.MagicOf(address, list); got != want {
			t.Errorf("%q chooses %q, want %q", address, got, want)
		}
	}
	want := []phone.Failure{{Ending: "0429", Effect: "too fast"}, {Ending: "0500", Effect: "down"}}
	if got := emulation.Failures(list); !slices.Equal(got, want) {
		t.Errorf("the page lists %v", got)
	}
}
