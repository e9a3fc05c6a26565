package graph_test

import (
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/graph"
)

// codesBy lists the codes of the sheet's table by what its column "retry" says.
func codesBy() map[graph.Class][]int {
	return map[graph.Class][]int{
		graph.AccountStopped: {0, 104, 190, 3, 10, 200, 250, 299, 131005, 131048, 368, 131031, 131037, 131042, 131044, 131045, 133010},
		graph.RetryOnce:      {1},
		graph.PairLimited:    {131056},
		graph.Retry: {2, 131016, 133004, 4, 17, 80007, 130429, 131000, 131057, 134101, 139102, 139103, 131208, 132069,
			133015},
		graph.Final: {131064, 133016, 130497, 33, 803, 100, 131008, 131009, 130472, 131021, 131026, 131030, 131047, 131049, 131050,
			131051, 131052, 131053, 131055, 134100, 134102, 131059, 131060, 131062, 131063, 132000, 132012, 132008, 132018,
			132001, 132005, 132007, 132015, 132016, 132068, 133000, 133005, 133006, 133008, 133009, 134011, 135000, 137000,
			139100, 139101, 131020, 131041, 131201, 131202, 131204, 131207, 131209, 131210, 131211, 131212, 131213, 131214,
			131215, 138000, 138009, 138018, 147001, 147002, 147003, 147004, 147005, 2388019, 2388040, 2388047, 2388072,
			2388073, 2388293, 2388299, 2593107, 2593108, 2593109},
	}
}

func TestExplain(t *testing.T) {
	unknown := graph.Explain(424242)
	for class, codes := range codesBy() {
		for _, code := range codes {
			x := graph.Explain(code)
			if x.Class != class || x.Code != code {
				t.Errorf("%d is %s, want %s", code, x.Class, class)
			}
			if x.Reason == "" || x.NextStep == "" || x.Reason == unknown.Reason {
				t.Errorf("%d says nothing of its own: %q", code, x.Message())
			}
			if !strings.HasSuffix(x.Message(), ".") {
				t.Errorf("%d: %q is no sentence", code, x.Message())
			}
			if x.Temporary() != (class == graph.Retry || class == graph.RetryOnce || class == graph.PairLimited) {
				t.Errorf("%d: temporary %v", code, x.Temporary())
			}
			if x.Class == graph.Retry && x.After <= 0 {
				t.Errorf("%d is to be tried again at once", code)
			}
		}
	}
	t.Run("WhatFailedLateIsNotSaidToBeTriedAgain", func(t *testing.T) {
		for class, codes := range codesBy() {
			for _, code := range codes {
				x := graph.Explain(code)
				if strings.Contains(x.Late(), "tried") || !strings.HasPrefix(x.Late(), x.Reason) || class == graph.Final && x.Late() != x.Message() {
					t.Errorf("%d: %q", code, x.Late())
				}
			}
		}
	})
	t.Run("UnknownCodeIsFinalAndSaysSo", func(t *testing.T) {
		is(t, []any{unknown.Class, unknown.Code, unknown.Message() != ""}, []any{graph.Final, 424242, true})
	})
	t.Run("OutsideTheRangesIsUnknown", func(t *testing.T) {
		for _, code := range []int{199, 300, 131216, 138019, graph.NoCode} {
			if graph.Explain(code).Reason != unknown.Reason {
				t.Errorf("%d is explained", code)
			}
		}
	})
	t.Run("WaitsOfTheSheet", func(t *testing.T) {
		is(t, graph.Explain(134101).After, 10*time.Minute)
		is(t, graph.Explain(132069).After, time.Hour)
		is(t, graph.Explain(131057).After, time.Minute)
	})
}
