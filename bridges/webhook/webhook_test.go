package webhook

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestEventsAreTaken(t *testing.T) {
	t.Run("WhatIsAnswered202IsInTheJournal", func(t *testing.T) {
		w := newWorld(t)
		body := posting(`,"text":"x"`, "")
		answer := w.posts(body)
		if answer.Code != http.StatusAccepted || strings.TrimSpace(answer.Body.String()) != `{"accepted":["e1"]}` {
			t.Fatalf("answered %d %s", answer.Code, answer.Body)
		}
		taken := w.intake.taken()
		if len(taken) != 1 || taken[0].Kind != typeMessageCreated || string(taken[0].Payload) != body || taken[0].Failed != "" {
			t.Errorf("taken: %+v", taken)
		}
	})
	t.Run("ARepetitionHasTheSameKeyAndAnotherSystemAnother", func(t *testing.T) {
		w := newWorld(t)
		w.posts(posting(`,"text":"x"`, ""))
		w.posts(posting(`,"text":"x"`, ""))
		w.does(http.MethodPost, "/v1/systems/desk/events", w.deskToken, "application/json", posting(`,"text":"x"`, ""))
		taken := w.intake.taken()
		if len(taken) != 3 || taken[0].Key != taken[1].Key || taken[0].Key == taken[2].Key || taken[0].Lane == taken[2].Lane {
			t.Errorf("taken: %+v", taken)
		}
	})
	t.Run("ABatchKeepsItsOrder", func(t *testing.T) {
		w := newWorld(t)
		var events []string
		for n := range 20 {
			events = append(events, strings.Replace(posting(`,"text":"x"`, ""), `"e1"`, fmt.Sprintf(`"e%d"`, n), 1))
		}
		if answer := w.posts("[" + strings.Join(events, ",") + "]"); answer.Code != http.StatusAccepted {
			t.Fatalf("answered %d %s", answer.Code, answer.Body)
		}
		for n, entry := range w.intake.taken() {
			if string(entry.Payload) != events[n] || entry.Lane != w.intake.taken()[0].Lane {
				t.Errorf("entry %d is %+v", n, entry)
			}
		}
	})
	t.Run("WithOneBadEventNothingIsTaken", func(t *testing.T) {
		w := newWorld(t)
		answer := w.posts("[" + posting(`,"text":"x"`, "") + `,{"id":"e2","type":"read"}]`)
		if answer.Code != http.StatusBadRequest || len(w.intake.taken()) != 0 || !strings.Contains(answer.Body.String(), `"#/1/conversation"`) ||
			answer.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("answered %d %s, taken %+v", answer.Code, answer.Body, w.intake.taken())
		}
	})
	t.Run("EachFileOfAMessageIsAnEntryInItsOrder", func(t *testing.T) {
		w := newWorld(t)
		file := `{"kind":"image","url":"https://x.example/%d","caption":"%s"}`
		w.posts(posting(`,"text":"first","media":[`+fmt.Sprintf(file, 1, "")+","+fmt.Sprintf(file, 2, "second")+","+fmt.Sprintf(file, 3, "")+`]`, ""))
		taken := w.intake.taken()
		if len(taken) != 3 {
			t.Fatalf("taken: %+v", taken)
		}
		keys := map[string]bool{}
		for n, entry := range taken {
			keys[entry.Key] = true
			if entry.Lane != taken[0].Lane || n > 0 && (!strings.Contains(string(entry.Payload), `"`+furtherFile("m1", n)+`"`) || !strings.Contains(string(entry.Payload), fmt.Sprintf("x.example/%d", n+1))) {
				t.Errorf("entry %d is %s", n, entry.Payload)
			}
		}
		if len(keys) != 3 || !strings.Contains(string(taken[1].Payload), `"text":"second"`) {
			t.Errorf("the keys are %v, the second is %s", keys, taken[1].Payload)
		}
	})
	t.Run("PhoneNumbersStandInNoKeyAndNoLane", func(t *testing.T) {
		w := newWorld(t)
		w.posts(strings.NewReplacer(`"e1"`, `"+34600111222-1"`, `"c1"`, `"+34600111222"`).Replace(posting(`,"text":"x"`, "")))
		for _, entry := range w.intake.taken() {
			if strings.Contains(entry.Key+entry.Lane, "600111222") {
				t.Errorf("key %s, lane %s", entry.Key, entry.Lane)
			}
		}
	})
	t.Run("WithoutTheJournalNothingIsPromised", func(t *testing.T) {
		w := newWorld(t)
		w.intake.broken = true
		if answer := w.posts(posting(`,"text":"x"`, "")); answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d", answer.Code)
		}
	})
}

func TestWrongTokensReachNothing(t *testing.T) {
	w := newWorld(t)
	for name, token := range map[string]string{
		"None": "", "Another": newToken(), "AnothersSystem": w.deskToken, "ThePrefix": w.token[:20], "TheHash": hashToken(w.token), "Longer": w.token + "x",
	} {
		for _, path := range []string{"events", "uploads"} {
			if answer := w.does(http.MethodPost, "/v1/systems/shop/"+path, token, "application/json", posting(`,"text":"x"`, "")); answer.Code != http.StatusUnauthorized {
				t.Errorf("%s at %s is answered by %d", name, path, answer.Code)
			}
		}
		if answer := w.does(http.MethodGet, "/v1/systems/shop/media/x", token, "", ""); answer.Code != http.StatusUnauthorized {
			t.Errorf("%s at media is answered by %d", name, answer.Code)
		}
	}
	for _, path := range []string{"/v1/systems/SHOP/events", "/v1/systems/sh%6fp%2f../events", "/v1/systems//events"} {
		if answer := w.does(http.MethodPost, path, w.token, "application/json", posting(`,"text":"x"`, "")); answer.Code < 300 {
			t.Errorf("%s is answered by %d", path, answer.Code)
		}
	}
	if len(w.intake.taken()) != 0 {
		t.Errorf("taken: %+v", w.intake.taken())
	}
	if files, _ := filepath.Glob(filepath.Join(w.connector.config.UploadDir, "*", "*")); len(files) != 0 {
		t.Errorf("kept: %v", files)
	}
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	t.Run("AHugeBody", func(t *testing.T) {
		w := newWorld(t)
		if answer := w.posts(posting(`,"text":"`+strings.Repeat("x", maxBody)+`"`, "")); answer.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", answer.Code)
		}
	})
	t.Run("AnotherContentType", func(t *testing.T) {
		w := newWorld(t)
		if answer := w.does(http.MethodPost, "/v1/systems/shop/events", w.token, "text/plain", posting(`,"text":"x"`, "")); answer.Code != http.StatusUnsupportedMediaType {
			t.Errorf("answered %d", answer.Code)
		}
	})
	t.Run("TooFast", func(t *testing.T) {
		w := newWorld(t)
		batch := func(first int) string {
			var events []string
			for n := range maxBatch {
				events = append(events, fmt.Sprintf(`{"id":"e%d","type":"x"}`, first+n))
			}
			return "[" + strings.Join(events, ",") + "]"
		}
		if answer := w.posts(batch(0)); answer.Code != http.StatusAccepted {
			t.Fatalf("a whole batch is answered by %d %s", answer.Code, answer.Body)
		}
		answer := w.posts(batch(maxBatch))
		if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") != "101" {
			t.Fatalf("answered %d, Retry-After %q", answer.Code, answer.Header().Get("Retry-After"))
		}
		if answer = w.does(http.MethodPost, "/v1/systems/desk/events", w.deskToken, "application/json", posting(`,"text":"x"`, "")); answer.Code != http.StatusAccepted {
			t.Errorf("another system is answered by %d", answer.Code)
		}
		w.clock.Advance(101 * time.Second)
		if answer = w.posts(batch(maxBatch)); answer.Code != http.StatusAccepted || len(w.intake.taken()) != 2*maxBatch+1 {
			t.Errorf("after the wait it is answered by %d, %d taken", answer.Code, len(w.intake.taken()))
		}
	})
}

func TestUploads(t *testing.T) {
	withUpload := func(uploadID string) string {
		return posting(`,"media":[{"kind":"file","upload_id":"`+uploadID+`"}]`, "")
	}
	t.Run("AnUploadIsThereForItsMessage", func(t *testing.T) {
		w := newWorld(t)
		uploadID := w.uploads("hello")
		if answer := w.posts(withUpload(uploadID)); answer.Code != http.StatusAccepted {
			t.Fatalf("answered %d %s", answer.Code, answer.Body)
		}
		file, about, err := w.connector.uploads.open("shop", uploadID)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		if about.Name != "a.txt" || about.Mime != "text/plain" {
			t.Errorf("it is %+v", about)
		}
	})
	t.Run("ItSurvivesARestart", func(t *testing.T) {
		w := newWorld(t)
		uploadID := w.uploads("hello")
		again := newUploads(w.connector.config.UploadDir, w.clock, w.connector.log)
		if err := again.claim("shop", uploadID); err != nil {
			t.Error(err)
		}
	})
	t.Run("ARepetitionAfterItWasBridgedIsTaken", func(t *testing.T) {
		w := newWorld(t)
		uploadID := w.uploads("hello")
		w.posts(withUpload(uploadID))
		w.connector.uploads.used("shop", uploadID)
		if answer := w.posts(withUpload(uploadID)); answer.Code != http.StatusAccepted {
			t.Errorf("answered %d %s", answer.Code, answer.Body)
		}
	})
	t.Run("ADiskThatFailsIsNoFaultOfTheEvents", func(t *testing.T) {
		w := newWorld(t)
		uploadID := w.uploads("hello")
		if err := os.Mkdir(w.connector.uploads.path("shop", uploadID, ".claimed"), 0o700); err != nil { // no file can be made there
			t.Fatal(err)
		}
		if answer := w.posts(withUpload(uploadID)); answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d %s", answer.Code, answer.Body)
		}
		about := w.connector.uploads.path("shop", uploadID, ".json")
		if err := os.Remove(about); err != nil {
			t.Fatal(err)
		} else if err = os.Mkdir(about, 0o700); err != nil {
			t.Fatal(err)
		}
		if answer := w.posts(withUpload(uploadID)); answer.Code != http.StatusServiceUnavailable {
			t.Errorf("answered %d %s", answer.Code, answer.Body)
		}
		if _, _, err := w.connector.uploads.open("shop", uploadID); !isTemporary(err) {
			t.Errorf("what waits for the file is given up: %v", err)
		}
		if taken := w.intake.taken(); len(taken) != 0 {
			t.Errorf("taken: %+v", taken)
		}
	})
	t.Run("NobodyElsesAndNoneThatIsNot", func(t *testing.T) {
		w := newWorld(t)
		uploadID := w.uploads("hello")
		answer := w.does(http.MethodPost, "/v1/systems/desk/events", w.deskToken, "application/json", withUpload(uploadID))
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "#/message/media/0/upload_id") {
			t.Errorf("another system's is answered by %d %s", answer.Code, answer.Body)
		}
		if answer = w.posts(withUpload("upl_ABCDEFGHIJKLMNOPQRSTUVWXYZ")); answer.Code != http.StatusBadRequest {
			t.Errorf("one that is not is answered by %d", answer.Code)
		}
	})
	t.Run("TooLarge", func(t *testing.T) {
		w := newWorld(t)
		answer := w.does(http.MethodPost, "/v1/systems/shop/uploads", w.token, "text/plain", strings.Repeat("x", 1<<10+1))
		if answer.Code != http.StatusRequestEntityTooLarge || !strings.Contains(answer.Body.String(), "1024 bytes") {
			t.Errorf("answered %d %s", answer.Code, answer.Body)
		}
		if files, _ := filepath.Glob(filepath.Join(w.connector.config.UploadDir, "shop", "*")); len(files) != 0 {
			t.Errorf("left: %v", files)
		}
	})
	t.Run("NamesLeadNowhere", func(t *testing.T) {
		w := newWorld(t)
		answer := w.does(http.MethodPost, "/v1/systems/shop/uploads?name=../../../evil", w.token, "text/plain", "x")
		files, _ := filepath.Glob(filepath.Join(w.connector.config.UploadDir, "*", "*"))
		if answer.Code != http.StatusCreated || len(files) != 2 || strings.Contains(strings.Join(files, " "), "evil") {
			t.Errorf("answered %d, kept %v", answer.Code, files)
		}
	})
}

func TestOldUploadsAreSwept(t *testing.T) {
	w := newWorld(t)
	forgotten, claimed := w.uploads("forgotten"), w.uploads("claimed")
	if err := w.connector.uploads.claim("shop", claimed); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(w.connector.config.UploadDir, "accounts.xls")
	if err := os.WriteFile(foreign, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	has := func(uploadID string) bool {
		_, err := w.connector.uploads.about("shop", uploadID)
		return err == nil
	}
	w.connector.uploads.sweep()
	if !has(forgotten) || !has(claimed) {
		t.Error("a new upload was deleted")
	}
	w.clock.Advance(unclaimedLife + time.Hour)
	w.connector.uploads.sweep()
	if has(forgotten) || !has(claimed) {
		t.Errorf("after a day the forgotten one is there: %v, the claimed one: %v", has(forgotten), has(claimed))
	}
	w.clock.Advance(claimedLife)
	w.connector.uploads.sweep()
	if has(claimed) {
		t.Error("after a month the claimed one is there")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file of somebody else's was deleted: %v", err)
	}
}

var _ network.Intake = (*intake)(nil)

func isTemporary(err error) bool {
	_, again := errs.IsTemporary(err)
	return again
}
