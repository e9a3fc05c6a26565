package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"puente/core/desk/audit"
	"puente/core/testkit/db"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123_000_000, time.UTC)

func entry(n int) audit.Entry {
	return audit.Entry{
		At: noon, Actor: "@anna:example.com", Action: "conversation.assigned", Object: "conversation", ObjectID: "con_1",
		Before: audit.Facts{"n": float64(n - 1)}, After: audit.Facts{"n": float64(n)},
	}
}

func TestLog(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx, handle := context.Background(), fresh.Open(t)
		log := audit.New(handle)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		of := func(object, id string, limit int) []audit.Entry {
			t.Helper()
			list, err := log.Of(ctx, object, id, limit)
			must(err)
			return list
		}
		t.Run("WhatIsWrittenIsRead", func(t *testing.T) {
			written := audit.Entry{
				At: noon.In(time.FixedZone("", 3600)), Actor: audit.Puente, Action: "customer.renamed", Object: "customer", ObjectID: "cus_1",
				Before: audit.Facts{"name": "Ána \"A\"", "labels": []string{"a", "b"}, "at": time.Unix(0, 0).UTC(), "none": nil},
				After:  audit.Facts{"n": 7, "yes": true, "of": map[string]string{"x": "<y>"}},
			}
			must(log.Write(ctx, written))
			want := written
			want.At = noon
			want.Before = audit.Facts{"name": "Ána \"A\"", "labels": []any{"a", "b"}, "at": "1970-01-01T00:00:00Z", "none": nil}
			want.After = audit.Facts{"n": 7.0, "yes": true, "of": map[string]any{"x": "<y>"}}
			if got := of("customer", "cus_1", 10); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Errorf("read is %+v", got)
			}
		})
		t.Run("WithoutFactsThereAreNone", func(t *testing.T) {
			must(log.Write(ctx, audit.Entry{At: noon, Actor: audit.Puente, Action: "team.made", Object: "team", ObjectID: "t"}))
			if got := of("team", "t", 10); len(got) != 1 || got[0].Before == nil || len(got[0].Before)+len(got[0].After) != 0 {
				t.Errorf("read is %+v", got)
			}
		})
		t.Run("TheNewestOfOneThingComeFirst", func(t *testing.T) {
			for n := range 5 {
				must(log.Write(ctx, entry(n))) // all at the same moment
			}
			other := entry(9)
			other.ObjectID = "con_2"
			must(log.Write(ctx, other))
			other.Object, other.ObjectID = "customer", "con_1"
			must(log.Write(ctx, other))
			if got := of("conversation", "con_1", 3); !reflect.DeepEqual(got, []audit.Entry{entry(4), entry(3), entry(2)}) {
				t.Errorf("read is %+v", got)
			}
			if got := of("conversation", "con_1", 100); len(got) != 5 {
				t.Errorf("%d are read", len(got))
			}
			if got := of("conversation", "con_3", 100); len(got) != 0 {
				t.Errorf("read is %+v", got)
			}
		})
		t.Run("WhatIsUndoneIsNotNoted", func(t *testing.T) {
			undone := errors.New("undone")
			err := handle.DoTxn(ctx, nil, func(ctx context.Context) error {
				must(log.Write(ctx, entry(10)))
				return undone
			})
			if got := of("conversation", "con_1", 100); !errors.Is(err, undone) || len(got) != 5 {
				t.Errorf("%d are read, %v", len(got), err)
			}
		})
		t.Run("WhatIsNoJSONIsAnError", func(t *testing.T) {
			for _, wrong := range []audit.Entry{{Before: audit.Facts{"x": math.NaN()}}, {After: audit.Facts{"x": func() {}}}} {
				wrong.Action = "conversation.assigned"
				if err := log.Write(ctx, wrong); err == nil {
					t.Errorf("%v is written", wrong)
				}
			}
		})
		t.Run("AnErrorSaysWhatWasNotedOfWhat", func(t *testing.T) {
			must(handle.Close())
			err := log.Write(ctx, entry(1))
			if want := "note conversation.assigned of conversation con_1: "; err == nil || fmt.Sprint(err)[:len(want)] != want {
				t.Errorf("the error is %v", err)
			}
			if _, err = log.Of(ctx, "conversation", "con_1", 1); err == nil {
				t.Error("a closed database is read")
			}
		})
	})
}
