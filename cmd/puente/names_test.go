package main

import (
	"testing"

	"puente/core/desk/consent"
)

// TestNoTwoNetworksAreCalledTheSame: a customer who asks for one would be written to on the other.
func TestNoTwoNetworksAreCalledTheSame(t *testing.T) {
	called := map[string]string{}
	for _, n := range networks() {
		for _, name := range append([]string{n.ID, n.DisplayName}, n.AlsoCalled...) {
			folded := consent.Fold(name)
			if other := called[folded]; folded == "" || other != "" && other != n.ID {
				t.Errorf("%q is %s and %s", name, n.ID, other)
			}
			called[folded] = n.ID
		}
	}
}
