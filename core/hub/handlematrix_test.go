package hub

import (
	"testing"
)

func TestFirstRoom(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.says(room, ana, "good morning")
		if got := w.red.got("message"); len(got) != 1 || got[0].Text != "good morning" {
			w.Fatalf("the network got %v", got)
		}
	})
}
