package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

const (
	ourNumber = "106540352242922"
	ourWABA   = "102290129340398"
	sheena    = "US.13491208655302741918"
	sheenaWa  = "16505551234"
	aGroup    = "Y2FwaV9ncm91cDox"
)

// fixture reads a webhook of testdata/webhooks.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "webhooks", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// parse reads a fixture that must hold n updates.
func parse(t testing.TB, name string, n int) []graph.Update {
	t.Helper()
	updates, err := graph.ParseWebhook(fixture(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if len(updates) != n {
		t.Fatalf("%s holds %d updates, want %d", name, len(updates), n)
	}
	return updates
}

func TestParseWebhookRoutes(t *testing.T) {
	type want struct {
		kind            graph.Kind
		user, wa, group string
		key             string // "" for a hash
	}
	message := func(id string) []want {
		return []want{{graph.KindMessage, sheena, sheenaWa, "", "message:" + ourNumber + ":" + id}}
	}
	status := func(state string) []want {
		return []want{{graph.KindStatus, sheena, sheenaWa, "", "status:" + ourNumber + ":wamid.OUT1:" + state + ":"}}
	}
	whole := func(kind graph.Kind) []want { return []want{{kind: kind}} }
	for name, wants := range map[string][]want{
		"text": message("wamid.IN001"), "text_referral": message("wamid.IN002"), "reply": message("wamid.IN003"),
		"forwarded": message("wamid.IN004"), "product_question": message("wamid.IN005"), "image": message("wamid.IN006"),
		"video": message("wamid.IN007"), "voice": message("wamid.IN008"), "document": message("wamid.IN009"),
		"sticker": message("wamid.IN010"), "location": message("wamid.IN011"), "contacts": message("wamid.IN012"),
		"reaction": message("wamid.IN013"), "reaction_removed": message("wamid.IN014"), "button_reply": message("wamid.IN015"),
		"list_reply": message("wamid.IN016"), "flow_reply": message("wamid.IN017"), "call_permission": message("wamid.IN018"),
		"interactive_empty": message("wamid.IN019"), "template_button": message("wamid.IN020"), "order": message("wamid.IN021"),
		"user_changed_number": message("wamid.IN022"), "user_changed_user_id": message("wamid.IN023"),
		"edit": message("wamid.IN024"), "revoke": message("wamid.IN025"), "request_welcome": message("wamid.IN026"),
		"unsupported":         message("wamid.IN027"),
		"group_message":       {{graph.KindMessage, sheena, sheenaWa, aGroup, "message:" + ourNumber + ":wamid.IN028"}},
		"text_without_number": {{graph.KindMessage, "GH.998", "", "", "message:" + ourNumber + ":wamid.INUSR"}},
		"number_error":        whole(graph.KindError),
		"status_sent":         status("sent"), "status_read": status("read"), "status_played": status("played"), "status_failed": status("failed"),
		"status_group": {
			{graph.KindStatus, sheena, sheenaWa, aGroup, "status:" + ourNumber + ":wamid.OUTG:read:" + sheena},
			{graph.KindStatus, "US.777", "16505557777", aGroup, "status:" + ourNumber + ":wamid.OUTG:read:US.777"},
		},
		"echo":       {{graph.KindEcho, sheena, sheenaWa, "", "echo:" + ourNumber + ":wamid.ECHO1"}},
		"state_sync": whole(graph.KindStateSync),
		"history":    whole(graph.KindHistory),
		"history_media": {
			{graph.KindHistoryMessage, sheena, sheenaWa, "", "history_message:" + ourNumber + ":wamid.H3"},
			{graph.KindHistoryMessage, sheena, sheenaWa, "", "history_message:" + ourNumber + ":wamid.H2"},
		},
		"history_refused":  whole(graph.KindHistory),
		"user_preferences": {{kind: graph.KindUserPreferences, user: sheena, wa: sheenaWa}},
		"user_id_update":   {{kind: graph.KindUserIDUpdate, user: sheena, wa: sheenaWa}},
		"template_status":  whole(graph.KindTemplateStatus), "template_quality": whole(graph.KindTemplateQuality),
		"template_category": whole(graph.KindTemplateCategory), "phone_quality": whole(graph.KindPhoneQuality),
		"capability": whole(graph.KindCapability), "account_restricted": whole(graph.KindAccount),
		"account_banned": whole(graph.KindAccount), "username": whole(graph.KindUsername),
		"call":          {{graph.KindCall, sheena, sheenaWa, "", "calls:" + ourNumber + ":wacid.1:connect"}},
		"call_ended":    {{graph.KindCall, sheena, sheenaWa, "", "calls:" + ourNumber + ":wacid.1:terminate"}},
		"call_status":   {{graph.KindCallStatus, "", sheenaWa, "", "call_status:" + ourNumber + ":wacid.1:RINGING:"}},
		"group_created": {{kind: graph.KindGroup, group: aGroup}}, "group_joined": {{kind: graph.KindGroup, group: aGroup}},
		"security": whole(graph.KindUnknown),
		"future_list": {{graph.KindMessage, sheena, sheenaWa, "", "message:" + ourNumber + ":wamid.INP"},
			{kind: graph.KindUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, u := range parse(t, name, len(wants)) {
				w := wants[i]
				if u.Err != nil {
					t.Errorf("update %d: %v", i, u.Err)
				}
				if u.Kind != w.kind || u.UserID != w.user || u.WaID != w.wa || u.GroupID != w.group {
					t.Errorf("update %d is %s of user %q, wa %q, group %q; want %+v", i, u.Kind, u.UserID, u.WaID, u.GroupID, w)
				}
				if w.key != "" && u.Key != w.key {
					t.Errorf("key %q, want %q", u.Key, w.key)
				}
				if u.WABAID != ourWABA || !json.Valid(u.Raw) || u.Key == "" || u.Field == "" {
					t.Errorf("update %d lacks its account, field, key or JSON: %+v", i, u)
				}
			}
		})
	}
	t.Run("EveryFixtureIsNamedAbove", func(t *testing.T) {
		files, err := filepath.Glob("testdata/webhooks/*.json")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != 57 {
			t.Fatalf("%d fixtures, the table above has 57", len(files))
		}
	})
}

func TestParseWebhookIdentity(t *testing.T) {
	t.Run("LaneIsTheGroupThenTheUserThenTheNumber", func(t *testing.T) {
		for name, want := range map[string]string{"group_message": aGroup, "text": sheena, "call_status": sheenaWa, "text_without_number": "GH.998"} {
			if got := parse(t, name, 1)[0].CustomerKey; got != want {
				t.Errorf("%s: customer key %q, want %q", name, got, want)
			}
		}
	})
	t.Run("UserIDComesFromTheContactWhenTheMessageLacksIt", func(t *testing.T) {
		u := one(t, `{"contacts":[{"wa_id":"5511999","user_id":"BR.1"},{"wa_id":"52155","user_id":"MX.1"}],
			"messages":[{"id":"wamid.1","from":"52155","type":"text"}]}`)
		if u.UserID != "MX.1" || u.WaID != "52155" {
			t.Fatalf("user %q, wa %q", u.UserID, u.WaID)
		}
	})
	t.Run("SingleContactBelongsDespiteAnotherSpelling", func(t *testing.T) {
		u := one(t, `{"contacts":[{"wa_id":"551199","user_id":"BR.1"}],"messages":[{"id":"wamid.1","from":"5511999","type":"text"}]}`)
		if u.UserID != "BR.1" || u.WaID != "5511999" {
			t.Fatalf("user %q, wa %q", u.UserID, u.WaID)
		}
	})
	t.Run("ContactsOfOthersStayOut", func(t *testing.T) {
		updates := several(t, `{"contacts":[{"wa_id":"1","profile":{"name":"A"}},{"wa_id":"2","profile":{"name":"B"}}],
			"messages":[{"id":"m1","from":"2"},{"id":"m2","from":"1"},{"id":"m3","from":"3"}]}`, 3)
		for i, want := range []string{"B", "A", ""} {
			e, err := graph.DecodeMessage(updates[i].Raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Contact().Profile.Name; got != want || len(e.Contacts) > 1 {
				t.Errorf("message %d has contact %q of %d, want %q", i, got, len(e.Contacts), want)
			}
		}
	})
	t.Run("MomentIsTheMessagesOwnElseTheEntrys", func(t *testing.T) {
		if got := parse(t, "text", 1)[0].At; !got.Equal(time.Unix(1749416383, 0)) {
			t.Errorf("message at %v", got)
		}
		if got := parse(t, "template_status", 1)[0].At; !got.Equal(time.Unix(1739321024, 0)) {
			t.Errorf("template status at %v", got)
		}
		if got := parse(t, "number_error", 1)[0].At; !got.IsZero() {
			t.Errorf("an error without a time is at %v", got)
		}
	})
}

// one wraps a value of field messages and returns its only update.
func one(t *testing.T, value string) graph.Update {
	t.Helper()
	return several(t, value, 1)[0]
}

func several(t *testing.T, value string, n int) []graph.Update {
	t.Helper()
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + value + `}]}]}`
	updates, err := graph.ParseWebhook([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if len(updates) != n {
		t.Fatalf("%d updates, want %d: %+v", len(updates), n, updates)
	}
	return updates
}

func TestParseWebhookKeys(t *testing.T) {
	t.Run("RepetitionHasTheSameKey", func(t *testing.T) {
		for _, name := range []string{"text", "status_read", "template_status", "user_preferences", "group_joined", "security"} {
			body := fixture(t, name)
			var value any
			if err := json.Unmarshal(body, &value); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(value) // other order, other spaces, other escapes
			if err != nil {
				t.Fatal(err)
			}
			updates, err := graph.ParseWebhook(again)
			if err != nil {
				t.Fatal(err)
			}
			if want := parse(t, name, 1)[0].Key; updates[0].Key != want {
				t.Errorf("%s: key %q, first it was %q", name, updates[0].Key, want)
			}
		}
	})
	t.Run("SameNewsAtAnotherTimeHasAnotherKey", func(t *testing.T) {
		later := strings.Replace(string(fixture(t, "template_quality")), "1739321024", "1739321999", 1)
		updates, err := graph.ParseWebhook([]byte(later))
		if err != nil {
			t.Fatal(err)
		}
		if updates[0].Key == parse(t, "template_quality", 1)[0].Key {
			t.Fatal("the second change of quality would be lost as a repetition")
		}
	})
	t.Run("GroupStatusWithoutParticipantIsToldByItsTime", func(t *testing.T) {
		u := several(t, `{"statuses":[{"id":"w","status":"read","recipient_type":"group","recipient_id":"g","timestamp":"1"},
			{"id":"w","status":"read","recipient_type":"group","recipient_id":"g","timestamp":"2"}]}`, 2)
		if u[0].Key == u[1].Key || u[0].GroupID != "g" {
			t.Fatalf("keys %q and %q, group %q", u[0].Key, u[1].Key, u[0].GroupID)
		}
	})
	t.Run("MessageWithoutIDIsToldByItsContent", func(t *testing.T) {
		u := several(t, `{"messages":[{"from":"1","type":"text"},{"from":"2","type":"text"}]}`, 2)
		if u[0].Key == u[1].Key {
			t.Fatal("two messages share a key")
		}
	})
}

func TestParseWebhookKeepsWhatIsBroken(t *testing.T) {
	t.Run("SiblingsOfABrokenMessageStayWhole", func(t *testing.T) {
		u := several(t, `{"metadata":{"phone_number_id":"7"},"messages":[{"id":"a","from":"1"},"oops",null,7,[1],{"id":"b","from":"2"}]}`, 6)
		for i, broken := range []bool{false, true, true, true, true, false} {
			if (u[i].Err != nil) != broken || u[i].Kind != graph.KindMessage || u[i].PhoneNumberID != "7" {
				t.Errorf("update %d: %+v", i, u[i])
			}
			if broken && !errors.Is(u[i].Err, errs.ErrInvalid) {
				t.Errorf("update %d: %v is not ErrInvalid", i, u[i].Err)
			}
		}
		if !strings.Contains(string(u[1].Raw), `"item":"oops"`) {
			t.Errorf("the broken element is not kept: %s", u[1].Raw)
		}
	})
	for name, c := range map[string]struct {
		body string
		n    int
	}{
		"ListThatIsAnObject":    {`{"entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":{"id":"a"}}}]}]}`, 1},
		"ValueThatIsAString":    {`{"entry":[{"id":"1","changes":[{"field":"messages","value":"x"}]}]}`, 1},
		"ChangeWithoutValue":    {`{"entry":[{"id":"1","changes":[{"field":"messages"}]}]}`, 1},
		"ChangeThatIsANumber":   {`{"entry":[{"id":"1","changes":[5]}]}`, 1},
		"EntryWithoutChanges":   {`{"entry":[{"id":"1"}]}`, 1},
		"EntryThatIsNull":       {`{"entry":[null]}`, 1},
		"EntriesThatAreNoList":  {`{"entry":{}}`, 1},
		"BodyThatIsAList":       {`[1,2]`, 1},
		"BodyThatIsNull":        {`null`, 1},
		"BrokenEntryBesideGood": {`{"entry":[3,{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"a","from":"1"}]}}]}]}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			updates, err := graph.ParseWebhook([]byte(c.body))
			if err != nil || len(updates) != c.n {
				t.Fatalf("%d updates, error %v", len(updates), err)
			}
			if !errors.Is(updates[0].Err, errs.ErrInvalid) || !json.Valid(updates[0].Raw) || updates[0].Key == "" {
				t.Fatalf("not kept as broken: %+v", updates[0])
			}
		})
	}
	t.Run("BodyThatIsNoJSONIsAnError", func(t *testing.T) {
		for _, body := range []string{"", "<html>", `{"entry":[`, "{}x"} {
			if _, err := graph.ParseWebhook([]byte(body)); !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
	t.Run("ErrorsQuoteNothing", func(t *testing.T) {
		u := one(t, `{"messages":["call +4915112345678"]}`)
		if strings.Contains(u.Err.Error(), "4915") {
			t.Fatalf("error quotes the customer: %v", u.Err)
		}
		_, err := graph.DecodeMessage(json.RawMessage(`{"item":{"id":"1","text":4915112345678}}`))
		if err == nil || strings.Contains(err.Error(), "4915") {
			t.Fatalf("error quotes the customer: %v", err)
		}
	})
	t.Run("StrayBytesBecomeStorable", func(t *testing.T) {
		u := one(t, "{\"messages\":[{\"id\":\"a\",\"from\":\"1\",\"type\":\"text\",\"text\":{\"body\":\"a\xffb\"}}]}")
		if !strings.Contains(string(u.Raw), "a\uFFFDb") {
			t.Fatalf("raw is %q", u.Raw)
		}
	})
}

func TestParseWebhookLarge(t *testing.T) {
	t.Run("ThousandUpdatesInOnePost", func(t *testing.T) {
		var contacts, messages []string
		for i := range 1000 {
			contacts = append(contacts, fmt.Sprintf(`{"wa_id":"%d","user_id":"US.%d","profile":{"name":"N%d"}}`, i, i, i))
			messages = append(messages, fmt.Sprintf(`{"id":"wamid.%d","from":"%d","type":"text","text":{"body":"x"}}`, i, i))
		}
		updates := several(t, `{"contacts":[`+strings.Join(contacts, ",")+`],"messages":[`+strings.Join(messages, ",")+`]}`, 1000)
		keys := map[string]bool{}
		for i, u := range updates {
			e, err := graph.DecodeMessage(u.Raw)
			if err != nil || u.Err != nil || e.Contact().Profile.Name != fmt.Sprintf("N%d", i) || u.UserID != fmt.Sprintf("US.%d", i) {
				t.Fatalf("update %d: %v %+v", i, err, u)
			}
			keys[u.Key] = true
		}
		if len(keys) != 1000 {
			t.Fatalf("%d keys", len(keys))
		}
	})
	t.Run("ThreeMegabyteBody", func(t *testing.T) {
		long := strings.Repeat("x", graph.MaxWebhookBody-1000)
		u := one(t, `{"messages":[{"id":"a","from":"1","type":"text","text":{"body":"`+long+`"}}]}`)
		e, err := graph.DecodeMessage(u.Raw)
		if err != nil || e.Item.Text == nil || e.Item.Text.Body != long {
			t.Fatalf("the text is not whole: %v", err)
		}
	})
	t.Run("SeveralEntriesAndChanges", func(t *testing.T) {
		body := `{"entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"a","from":"1"}],"statuses":[{"id":"s","status":"read"}],"errors":[{"code":1}]}},
			{"field":"flows","value":{"event":"X"}}]},{"id":"2","changes":[{"field":"account_update","value":{"event":"Y"}}]}]}`
		updates, err := graph.ParseWebhook([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range updates {
			got = append(got, u.WABAID+" "+string(u.Kind))
		}
		want := "1 message,1 status,1 error,1 unknown,2 account"
		if strings.Join(got, ",") != want {
			t.Fatalf("%v, want %s", got, want)
		}
	})
}

func FuzzParseWebhook(f *testing.F) {
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := graph.ParseWebhook(body)
		if err != nil {
			if !errors.Is(err, errs.ErrInvalid) || updates != nil {
				t.Fatalf("%d updates, error %v", len(updates), err)
			}
			return
		}
		again, err := graph.ParseWebhook(body)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range updates {
			if u.Key == "" || u.Key != again[i].Key || u.Kind == "" || !json.Valid(u.Raw) {
				t.Fatalf("update %d lacks a stable key, a kind or JSON: %+v", i, u)
			}
			// What could not be decoded must not panic either.
			_, _ = graph.DecodeMessage(u.Raw)
			_, _ = graph.DecodeStatus(u.Raw)
			_, _ = graph.DecodeHistory(u.Raw)
			_, _ = graph.DecodeUserIDUpdate(u.Raw)
		}
	})
}
