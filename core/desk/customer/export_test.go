package customer

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"puente/core/testkit/db"
)

func TestRoundTrip(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		one := w.meets("whatsapp", "p;1\\", "=HYPERLINK(\"x\")")
		other := w.meets("telegram", "p:2", "José; @Núñez, \"Pepe\"")
		third := w.meets("signal", "p3", "-")
		w.must(w.Merge(ctx, one.ID, w.meets("telegram", "p4", "x").ID, anna))
		for key, value := range map[string]string{"phone": "+49 170 123", "note": "-", "minus": "-1\r\n=2;+3", "quoted": "'=1", "lines": "a\n\nb "} {
			w.must(w.SetAttribute(ctx, one.ID, key, value, anna))
		}
		w.must(w.SetLanguage(ctx, other.ID, "pt-BR", anna))
		w.must(w.AddLabel(ctx, other.ID, "-late", anna))
		w.must(w.AddLabel(ctx, other.ID, `back\slash`, anna))
		w.must(w.Prefer(ctx, one.ID, "telegram", anna))
		w.must(w.Block(ctx, third.ID, anna))
		first := w.exports()
		w.fact("NothingIsAFormula", func(w *world) {
			lines, err := csv.NewReader(strings.NewReader(first)).ReadAll()
			if err != nil || len(lines) != 4 {
				w.t.Fatalf("%d lines: %v", len(lines), err)
			}
			for _, cell := range slices.Concat(lines...) {
				if cell != "" && strings.ContainsAny(cell[:1], beginsFormula) {
					w.t.Errorf("%q", cell)
				}
			}
		})
		w.fact("IntoAnEmptyDatabaseAndOut", func(w *world) {
			db.Each(w.t, func(t *testing.T, fresh db.Fresh) {
				empty := begin(t, fresh)
				empty.wants(empty.imports(first), 3, 0, 0)
				if second := empty.exports(); second != first {
					t.Errorf("%s\nbut\n%s", first, second)
				}
				if got := empty.get(one.ID); got.Attributes["minus"] != "-1\n=2;+3" || got.Name != one.Name || got.NamedBy != anna {
					t.Errorf("%+v", got)
				}
			})
		})
		w.fact("AgainChangesNothing", func(w *world) {
			before, entries := w.dump(), w.count(`SELECT COUNT(*) FROM pu_audit`)
			w.wants(w.imports(first), 0, 0, 3)
			if w.dump() != before || w.count(`SELECT COUNT(*) FROM pu_audit`) != entries {
				w.t.Error("something was changed")
			}
		})
		w.fact("SpreadsheetsSpellings", func(w *world) {
			lines, err := csv.NewReader(strings.NewReader(first)).ReadAll()
			w.must(err)
			for _, comma := range []rune{';', '\t', ','} {
				var text bytes.Buffer
				out := csv.NewWriter(&text)
				out.Comma, out.UseCRLF = comma, true
				w.must(out.WriteAll(lines))
				w.wants(w.imports(byteOrderMark+text.String()), 0, 0, 3)
			}
		})
	})
}
