package ident

import (
	"regexp"
	"testing"
)

func TestNew(t *testing.T) {
	first, second := New("cus"), New("cus")
	if !regexp.MustCompile(`^cus_[a-z2-7]{26}$`).MatchString(first) {
		t.Errorf("an ID is %q", first)
	}
	if first == second {
		t.Errorf("two IDs are %q", first)
	}
}
