package customer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"puente/core/base/errs"
)

func (w *world) imports(text string) Report {
	w.t.Helper()
	report, err := w.Import(context.Background(), strings.NewReader(text), anna, nil)
	w.must(err)
	return report
}

func (w *world) exports() string {
	w.t.Helper()
	var text bytes.Buffer
	w.must(w.Export(context.Background(), &text, nil))
	return text.String()
}

// wants compares how many customers were created, changed and left, and why lines were rejected: "line column".
func (w *world) wants(report Report, created, changed, unchanged int, rejected ...string) {
	w.t.Helper()
	if report.Created != created || report.Changed != changed || report.Unchanged != unchanged {
		w.t.Errorf("%d created, %d changed, %d unchanged", report.Created, report.Changed, report.Unchanged)
	}
	var got []string
	for _, one := range report.Rejected {
		got = append(got, strings.TrimSpace(fmt.Sprint(one.Line, " ", one.Column)))
		if one.Reason == "" {
			w.t.Errorf("no reason for line %d", one.Line)
		}
	}
	if !slices.Equal(got, rejected) {
		w.t.Errorf("rejected are %q, not %q: %+v", got, rejected, report.Rejected)
	}
}

func TestImport(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		ana, ben := w.meets("whatsapp", "p1", "Ana"), w.meets("telegram", "p2", "Ben")
		for _, one := range []Customer{ana, ben} {
			w.must(w.SetLanguage(ctx, one.ID, "de", anna))
			w.must(w.SetAttribute(ctx, one.ID, "phone", "+49", anna))
			w.must(w.AddLabel(ctx, one.ID, "vip", anna))
			w.must(w.Block(ctx, one.ID, anna))
		}
		w.must(w.Prefer(ctx, ana.ID, "whatsapp", anna))
		w.fact("EmptyCellLeavesTheField", func(w *world) {
			w.wants(w.imports("id,name,language,preferred,blocked,labels,contacts,attribute.phone\n"+ana.ID+",,,,,,,\n"+ana.ID), 0, 0, 2)
		})
		w.fact("DashClears", func(w *world) {
			w.must(w.Rename(ctx, ana.ID, "Anita", anna))
			w.wants(w.imports("id,name,language,preferred,blocked,labels,attribute.phone\n"+ana.ID+",-,-,-,-,-,-\n"), 0, 1, 0)
			if got := w.get(ana.ID); got.Name != "Ana" || got.NamedBy != "" || got.Language != "" || got.Preferred != "" || !got.Blocked.IsZero() || len(got.Labels)+len(got.Attributes) != 0 {
				w.t.Errorf("%+v", got)
			}
		})
		w.fact("FieldsAreSet", func(w *world) {
			w.wants(w.imports("ID;Name;language;preferred;Blocked;labels;attribute.phone;attribute.city\n"+ana.ID+";Dr. Ana;en-gb;whatsapp;YES;b; a ;+49 1;'=x\n"), 0, 0, 0, "2")
			w.wants(w.imports("ID;Name;language;preferred;Blocked;labels;attribute.phone;attribute.city\n"+ana.ID+";Dr. Ana;en-gb;whatsapp;YES;\"b; a ;b\";+49 1;'=x\n"), 0, 1, 0)
			got := w.get(ana.ID)
			if got.Name != "Dr. Ana" || got.NamedBy != anna || got.Language != "en-GB" || got.Preferred != "whatsapp" || got.PreferredBy != anna || got.Blocked.IsZero() {
				w.t.Errorf("%+v", got)
			}
			if fmt.Sprint(got.Labels, got.Attributes) != "[a b] map[city:=x phone:+49 1]" {
				w.t.Errorf("%v %v", got.Labels, got.Attributes)
			}
		})
		w.fact("ByContact", func(w *world) {
			w.wants(w.imports("contacts,attribute.city\ntelegram:p2;signal:p2,Rome\n"), 0, 1, 0)
			got, err := w.ByContact(ctx, "signal", "p2")
			if err != nil || got.ID != ben.ID || got.Attributes["city"] != "Rome" {
				w.t.Errorf("%+v %v", got, err)
			}
		})
		w.fact("NewOne", func(w *world) {
			w.wants(w.imports("name,contacts,preferred\nNew,signal:p3,signal\nNew too,,\n"), 2, 0, 0)
			got, err := w.ByContact(ctx, "signal", "p3")
			if err != nil || got.Name != "New" || got.NamedBy != anna || got.Preferred != "signal" {
				w.t.Errorf("%+v %v", got, err)
			}
			if entries := w.noted(got.ID); len(entries) != 1 || entries[0].Action != "customer.created" || entries[0].Actor != anna {
				w.t.Errorf("%+v", entries)
			}
			if one := w.meets("signal", "p3", "Nina"); one.ID != got.ID || one.Name != "New" {
				w.t.Errorf("%+v", one)
			}
		})
		w.fact("MergedOneIsTheSurvivor", func(w *world) {
			w.must(w.Merge(ctx, ana.ID, ben.ID, anna))
			w.wants(w.imports("id,attribute.city\n"+ben.ID+",Paris\n"), 0, 1, 0)
			if got := w.get(ana.ID); got.Attributes["city"] != "Paris" {
				w.t.Errorf("%+v", got)
			}
		})
		w.fact("RoomsAreShownAnewAndTheLogHasNoValues", func(w *world) {
			chat := w.talks("whatsapp", "p1", ana.ID)
			w.wants(w.imports("id,name,attribute.city,labels\n"+ana.ID+",Secret,Secret,seen\n"), 0, 1, 0)
			if w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat) != 2 {
				w.t.Error("the room is not shown anew")
			}
			entries := w.noted(ana.ID)
			last := entries[len(entries)-1]
			if text := fmt.Sprint(last.Before, last.After); last.Action != "customer.imported" || strings.Contains(text, "Secret") || !strings.Contains(text, "seen") {
				w.t.Errorf("%+v", last)
			}
		})
	})
}

func TestWrongLines(t *testing.T) {
	each(t, func(w *world) {
		ana, ben := w.meets("whatsapp", "p1", "Ana"), w.meets("telegram", "p2", "Ben")
		lines := []string{
			"id,name,language,preferred,blocked,labels,contacts,attribute.phone,reason,",
			ana.ID + ",Secret good,,,,,,,an old reason,",
			"secret,,,,,,,,,",
			",,secret,,,,,,,",
			",,,secret,,,,,,",
			",,,,secret,,,,,",
			",,,,,Secret,,,,",
			",,,,,\"secret secret\",,,,",
			",,,,,,secret,,,",
			",,,,,,Secret:p,,,",
			",,,,,,whatsapp:p1;telegram:p2,,,",
			ben.ID + ",,,,,,whatsapp:p1,,,",
			ana.ID + ",,,,,,-,,,",
			",Secret,,telegram,,,whatsapp:p9,,,",
			"-,,,,,,,,,",
			"," + strings.Repeat("s", 201) + ",,,,,,,,",
			",,,,,,," + strings.Repeat("s", 1001) + ",,",
			",secret\xff,,,,,,,,",
			",,,,,,,,,secret",
			",,,,,,,,,,secret",
			",secret\" mark,,,,,,,,",
			",,,,,,,,,",
			ben.ID + ",Ben good,,,,,,,,",
		}
		report := w.imports(strings.Join(lines, "\n"))
		w.wants(report, 0, 2, 0, "3 id", "4 language", "5 preferred", "6 blocked", "7 labels", "8 labels", "9 contacts", "10 contacts",
			"11 contacts", "12 contacts", "13 contacts", "14 preferred", "15 id", "16 name", "17 attribute.phone", "18 name", "19", "20", "21")
		w.fact("OthersContactsAreNotTaken", func(w *world) {
			for _, one := range report.Rejected {
				if (one.Line == 11 || one.Line == 12) && !strings.Contains(one.Reason, "several customers") {
					w.t.Error(one.Reason)
				}
			}
		})
		w.fact("ReasonsTellNothing", func(w *world) {
			for _, one := range report.Rejected {
				if text := strings.ToLower(one.Reason); strings.Contains(text, "secret") || strings.Contains(text, "sss") {
					w.t.Errorf("line %d: %s", one.Line, one.Reason)
				}
			}
		})
		w.fact("WrongLineChangesNothing", func(w *world) {
			if n := w.count(`SELECT COUNT(*) FROM pu_customer`); n != 2 {
				w.t.Errorf("%d customers", n)
			}
			if n := w.count(`SELECT COUNT(*) FROM pu_contact`); n != 2 {
				w.t.Errorf("%d contacts", n)
			}
		})
		var text bytes.Buffer
		w.must(report.WriteRejected(&text))
		w.fact("RejectedLinesAreRejectedAgain", func(w *world) {
			again := w.imports(text.String()) // but for the quotation mark, which is written properly now
			if again.Created != 1 || again.Changed+again.Unchanged != 0 || len(again.Rejected) != len(report.Rejected)-1 {
				w.t.Errorf("%+v of\n%s", again, &text)
			}
			first, _, _ := strings.Cut(text.String(), "\n")
			if first != "id,name,language,preferred,blocked,labels,contacts,attribute.phone,,reason" {
				w.t.Error(first)
			}
		})
		w.fact("MendedLinesAreTaken", func(w *world) {
			var short bytes.Buffer
			wrong := w.imports("name;language;attribute.phone;labels\n-;secret;+49;-\n'=x;de;1;A\n")
			w.must(wrong.WriteRejected(&short))
			mended := strings.NewReplacer("secret", "en", ",A,", ",a,").Replace(short.String())
			report := w.imports(mended)
			w.wants(report, 2, 0, 0)
			if n := w.count(`SELECT COUNT(*) FROM pu_customer WHERE name='=x' AND attributes='{"phone":"1"}'`); n != 1 {
				w.t.Error(mended)
			}
			if n := w.count(`SELECT COUNT(*) FROM pu_customer WHERE name='' AND attributes='{"phone":"+49"}'`); n != 1 {
				w.t.Error(mended)
			}
		})
		w.fact("UnknownColumn", func(w *world) {
			before := w.dump()
			_, err := w.Import(context.Background(), strings.NewReader("id,phone\n"+ana.ID+",1\n"), anna, nil)
			if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(errs.Message(err), `"phone"`) || !strings.Contains(errs.Message(err), "attribute.phone") {
				w.t.Errorf("%v %s", err, errs.Message(err))
			}
			if w.dump() != before {
				w.t.Error("something was changed")
			}
		})
	})
}

func TestLongImport(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		const lines = 2*batchLines + 50
		var text strings.Builder
		text.WriteString("name,contacts\n")
		for i := range lines {
			fmt.Fprintf(&text, "Name %d,signal:p%d\n", i, i)
		}
		file := text.String()
		w.fact("ProgressIsTold", func(w *world) {
			var steps []string
			report, err := w.Import(ctx, strings.NewReader(file), anna, func(done int, bytes int64) { steps = append(steps, fmt.Sprint(done, bytes == int64(len(file)))) })
			w.must(err)
			w.wants(report, lines, 0, 0)
			if fmt.Sprint(steps) != fmt.Sprintf("[%d false %d false %d true]", batchLines, 2*batchLines, lines) {
				w.t.Error(steps)
			}
		})
		w.fact("ExportInPages", func(w *world) {
			w.imports("name" + strings.Repeat("\nx", exportPage-lines+1)) // one more than a page
			var steps []string
			var out bytes.Buffer
			w.must(w.Export(ctx, &out, func(done, total int) { steps = append(steps, fmt.Sprint(done, "/", total)) }))
			if want := fmt.Sprintf("[%d/%d %d/%d]", exportPage, exportPage+1, exportPage+1, exportPage+1); strings.ReplaceAll(fmt.Sprint(steps), " / ", "/") != want {
				w.t.Errorf("%v, not %s", steps, want)
			}
			if n := strings.Count(out.String(), "\n"); n != exportPage+2 {
				w.t.Errorf("%d lines", n)
			}
		})
		w.fact("WhatWasReadBeforeAFailureIsDone", func(w *world) {
			broken := errors.New("broken")
			changed := strings.ReplaceAll(file, "Name ", "Other ")
			reader := iotest.DataErrReader(strings.NewReader(changed[:len(changed)/2]))
			report, err := w.Import(ctx, &failing{reader, broken}, anna, nil)
			if !errors.Is(err, broken) || report.Changed != batchLines {
				w.t.Errorf("%+v %v", report, err)
			}
		})
		w.fact("TooManyWrongLines", func(w *world) {
			report, err := w.Import(ctx, strings.NewReader("language"+strings.Repeat("\nsecret", mostRejected+2*batchLines)), anna, nil)
			if !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" || len(report.Rejected) != mostRejected {
				w.t.Errorf("%d %v", len(report.Rejected), err)
			}
		})
	})
}

// failing is a reader that breaks where it should end.
type failing struct {
	reader interface{ Read([]byte) (int, error) }
	err    error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.reader.Read(p)
	if err != nil {
		err = f.err
	}
	return n, err
}
