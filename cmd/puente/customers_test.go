package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

func TestCustomers(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		values := settingsOn(t, fresh, newHomeserver(t).URL)
		handle := opened(t, values)
		if err := store.Upgrade(t.Context(), handle); err != nil {
			t.Fatal(err)
		} else if err = handle.Close(); err != nil {
			t.Fatal(err)
		}
		path, dir := written(t, values), t.TempDir()
		in, wrong, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "wrong.csv"), filepath.Join(dir, "out.csv")
		text := "name,language,labels,contacts,attribute.email\nAna Ñ,es,vip;new,red:ana,ana@example.org\nBen,no such language,,red:ben,\n"
		if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := puente(t, nobody(t), "customers", "import", in, "--rejected", wrong, "-c", path)
		if err != nil || !strings.Contains(said, "New: 1, changed: 0, unchanged: 0, left out: 1.") || !strings.Contains(said, "line 3, column language: ") {
			t.Fatalf("%v: %s", err, said)
		}
		if kept, err := os.ReadFile(wrong); err != nil || !strings.Contains(string(kept), "Ben,no such language") {
			t.Errorf("kept of the wrong lines: %q, %v", kept, err)
		}
		many, stopped := filepath.Join(dir, "many.csv"), filepath.Join(dir, "stopped.csv")
		if err = os.WriteFile(many, []byte("name,language\n"+strings.Repeat("Ben,no such language\n", 11_000)), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err = puente(t, nobody(t), "customers", "import", many, "--rejected", stopped, "-c", path)
		if err == nil || !strings.Contains(said, "New: 0, changed: 0, unchanged: 0, left out: 1") {
			t.Errorf("an import that stopped: %v: %s", err, said)
		}
		if kept, err := os.ReadFile(stopped); err != nil || !strings.Contains(string(kept), "Ben,no such language") {
			t.Errorf("kept of what stopped: %q, %v", kept, err)
		}
		if said, err = puente(t, nobody(t), "customers", "export", out, "-c", path); err != nil || !strings.Contains(said, "1 customers are in") {
			t.Fatalf("%v: %s", err, said)
		}
		exported, err := os.ReadFile(out)
		if err != nil || !strings.HasPrefix(string(exported), excel) || !strings.Contains(string(exported), "Ana Ñ") || !strings.Contains(string(exported), "red:ana") {
			t.Errorf("exported %q, %v", exported, err)
		}
		if said, err = puente(t, nobody(t), "customers", "import", out, "-c", path); err != nil || !strings.Contains(said, "New: 0, changed: 0, unchanged: 1, left out: 0.") {
			t.Errorf("what was exported comes back as %s, %v", said, err)
		}
		if _, err = puente(t, nobody(t), "customers", "export", out, "-c", path); err == nil {
			t.Error("a file that is there was written over")
		}
		if _, err = puente(t, nobody(t), "customers", "import", filepath.Join(dir, "none.csv"), "-c", path); err == nil {
			t.Error("a file that is not there was imported")
		}
	})
}
