package graph_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

// message decodes the only message of a fixture.
func message(t *testing.T, name string) graph.Envelope[graph.Message] {
	t.Helper()
	return decoded(t, name, graph.DecodeMessage)
}

func decoded[T any](t *testing.T, name string, decode func(json.RawMessage) (graph.Envelope[T], error)) graph.Envelope[T] {
	t.Helper()
	e, err := decode(parse(t, name, 1)[0].Raw)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// is compares what was read with what the fixture says.
func is(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTarget(t *testing.T) {
	for want, msg := range map[string]graph.Message{
		"":  {Type: "text", Text: &graph.Text{}},
		"a": {Type: "text", Context: &graph.Context{ID: "a"}},
		"b": {Type: "reaction", Reaction: &graph.Reaction{MessageID: "b"}},
		"c": {Type: "edit", Edit: &graph.Edit{OriginalMessageID: "c"}, Context: &graph.Context{ID: "a"}},
		"d": {Type: "revoke", Revoke: &graph.Revoke{OriginalMessageID: "d"}},
	} {
		if got := msg.Target(); got != want {
			t.Errorf("%s is about %q, not %q", msg.Type, got, want)
		}
	}
}

func TestDecodeMessage(t *testing.T) {
	t.Run("TextWithItsWriterAndNumber", func(t *testing.T) {
		e := message(t, "text")
		is(t, e.Item.Text.Body, "Do you ship to Zürich? 🚲")
		is(t, e.Item.Timestamp.Time(), time.Unix(1749416383, 0).UTC())
		is(t, e.Contact().Profile, graph.Profile{Name: "Sheena", Username: "@sheena"})
		is(t, e.Metadata, graph.Metadata{DisplayPhoneNumber: "15550783881", PhoneNumberID: ourNumber})
		is(t, e.WABAID, ourWABA)
	})
	t.Run("Referral", func(t *testing.T) {
		r := message(t, "text_referral").Item.Referral
		is(t, r.SourceType, "ad")
		is(t, r.WelcomeMessage.Text, "Hello!")
		is(t, r.ClickID, "Aff-n8ZTODiE79d22KtAwQKj9e")
	})
	t.Run("Contexts", func(t *testing.T) {
		is(t, message(t, "reply").Item.Context.ID, "wamid.OUT1")
		is(t, message(t, "forwarded").Item.Context.Forwarded, graph.Flag(true))
		is(t, message(t, "product_question").Item.Context.ReferredProduct.ProductRetailerID, graph.Literal("di9ozbzfi4"))
	})
	t.Run("Media", func(t *testing.T) {
		for name, mime := range map[string]string{"image": "image/jpeg", "video": "video/mp4", "voice": "audio/ogg; codecs=opus",
			"document": "application/pdf", "sticker": "image/webp"} {
			m := message(t, name).Item.Media()
			if m == nil || m.MIMEType != mime || m.ID != "1003383421387256" || m.URL == "" || m.SHA256 == "" {
				t.Errorf("%s: %+v", name, m)
			}
		}
		is(t, message(t, "image").Item.Image.Caption, "My bike")
		is(t, message(t, "voice").Item.Audio.Voice, graph.Flag(true))
		is(t, message(t, "document").Item.Document.Filename, "invoice.pdf")
		is(t, message(t, "sticker").Item.Sticker.Animated, graph.Flag(true))
		is(t, message(t, "text").Item.Media() == nil, true)
	})
	t.Run("LocationAsNumberOrString", func(t *testing.T) {
		l := message(t, "location").Item.Location
		is(t, []any{l.Latitude, l.Longitude, l.Name}, []any{graph.Decimal(37.44), graph.Decimal(-122.16), "Shop"})
	})
	t.Run("CardsWithAndWithoutName", func(t *testing.T) {
		cards := message(t, "contacts").Item.Contacts
		is(t, cards[0].Name.FormattedName, "Ana Gomez")
		is(t, cards[0].Phones[0].WaID, graph.Literal("16505550101"))
		is(t, cards[1].Name == nil, true)
		is(t, cards[1].Origin, "contact_request")
	})
	t.Run("ReactionAndItsRemoval", func(t *testing.T) {
		is(t, *message(t, "reaction").Item.Reaction, graph.Reaction{MessageID: "wamid.OUT1", Emoji: "👍"})
		is(t, *message(t, "reaction_removed").Item.Reaction, graph.Reaction{MessageID: "wamid.OUT1"})
	})
	t.Run("InteractiveReplies", func(t *testing.T) {
		is(t, message(t, "button_reply").Item.Interactive.ButtonReply.ID, graph.Literal("confirm"))
		is(t, message(t, "list_reply").Item.Interactive.ListReply.Description, "10:00")
		is(t, message(t, "flow_reply").Item.Interactive.FormReply.Answers()["day"], any("Monday"))
		is(t, message(t, "call_permission").Item.Interactive.CallPermission.Response, "accept")
		is(t, message(t, "interactive_empty").Item.Interactive == nil, true)
		is(t, message(t, "template_button").Item.Button.Payload, "stop")
	})
	t.Run("OrderKeepsThePriceAsWritten", func(t *testing.T) {
		item := message(t, "order").Item.Order.Items[0]
		is(t, []any{item.Quantity, item.ItemPrice, item.Currency}, []any{graph.Number(2), graph.Literal("30.1"), "USD"})
	})
	t.Run("SystemNotices", func(t *testing.T) {
		is(t, message(t, "user_changed_number").Item.System.WaID, graph.Literal("12195555358"))
		is(t, message(t, "user_changed_user_id").Item.System.UserID, "US.222")
	})
	t.Run("EditAndRevoke", func(t *testing.T) {
		edit := message(t, "edit").Item.Edit
		is(t, []string{edit.OriginalMessageID, edit.Message.Type, edit.Message.Text.Body, edit.Message.Context.ID},
			[]string{"wamid.IN001", "text", "Do you ship to Bern?", "wamid.OUT1"})
		is(t, message(t, "revoke").Item.Revoke.OriginalMessageID, "wamid.IN001")
	})
	t.Run("UnsupportedNamesItsKindAndProblem", func(t *testing.T) {
		m := message(t, "unsupported").Item
		is(t, m.Unsupported.Type, "poll")
		is(t, m.Errors[0].Explain().Code, 131051)
		is(t, m.Errors[0].Data.Details, "Message type is currently not supported.")
	})
	t.Run("EchoNamesItsRecipient", func(t *testing.T) {
		m := message(t, "echo").Item
		is(t, []string{m.From, m.To, m.ToUserID}, []string{"15550783881", sheenaWa, sheena})
	})
	t.Run("BrokenContentLeavesTheRest", func(t *testing.T) {
		u := one(t, `{"messages":[{"image":"oops","id":"a","from":"1","type":"image","context":{"id":"q"}}]}`)
		e, err := graph.DecodeMessage(u.Raw)
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatalf("error %v", err)
		}
		is(t, []string{e.Item.ID, e.Item.Type, e.Item.Context.ID}, []string{"a", "image", "q"})
	})
}

func TestDecodeStatus(t *testing.T) {
	t.Run("SentWithPrice", func(t *testing.T) {
		s := decoded(t, "status_sent", graph.DecodeStatus).Item
		is(t, *s.Pricing, graph.Pricing{Billable: true, Model: "PMP", Type: "regular", Category: "utility"})
		is(t, s.CallbackData, "$event:example.org")
		is(t, s.Conversation.Origin.Type, "service")
	})
	t.Run("FailedWithItsReason", func(t *testing.T) {
		s := decoded(t, "status_failed", graph.DecodeStatus).Item
		is(t, s.Status, graph.StatusFailed)
		is(t, s.Errors[0].Explain().Class, graph.Final)
		is(t, s.Errors[0].Data.Details, "More than 24 hours have passed")
	})
	t.Run("ErrorDataAsPlainText", func(t *testing.T) {
		p := decoded(t, "number_error", graph.DecodeProblem).Item
		is(t, p.Data.Details, "Message failed to send because there were too many messages sent from this phone number")
		is(t, p.Explain().Class, graph.Retry)
	})
	t.Run("ProblemWithoutCodeIsNotABadToken", func(t *testing.T) {
		is(t, graph.Problem{Title: "x"}.Explain().Class, graph.Final)
	})
}

func TestDecodeFields(t *testing.T) {
	t.Run("UserPreference", func(t *testing.T) {
		p := decoded(t, "user_preferences", graph.DecodeUserPreference).Item
		is(t, []any{p.Value, p.UserID, p.Timestamp}, []any{"stop", sheena, graph.Seconds(1731705721)})
	})
	t.Run("UserIDUpdate", func(t *testing.T) {
		u := decoded(t, "user_id_update", graph.DecodeUserIDUpdate).Item
		is(t, u.UserID, graph.IDChange{Previous: sheena, Current: "US.222"})
		is(t, u.ParentUserID.Current, "US.ENT.22")
	})
	t.Run("Templates", func(t *testing.T) {
		s := decoded(t, "template_status", graph.DecodeTemplateStatus)
		is(t, []any{s.Item.Event, s.Item.ID, s.Item.Other.Title, s.Time},
			[]any{"PAUSED", graph.Literal("1689556908129832"), "FIRST_PAUSE", graph.Seconds(1739321024)})
		is(t, decoded(t, "template_quality", graph.DecodeTemplateQuality).Item.New, "YELLOW")
		is(t, decoded(t, "template_category", graph.DecodeTemplateCategory).Item.New, "MARKETING")
	})
	t.Run("Account", func(t *testing.T) {
		is(t, decoded(t, "phone_quality", graph.DecodePhoneQuality).Item.Limit, graph.Literal("TIER_2K"))
		is(t, decoded(t, "capability", graph.DecodeCapability).Item.DailyPerBusiness, graph.Literal("-1"))
		is(t, decoded(t, "account_restricted", graph.DecodeAccount).Item.Restrictions[0].Type, "RESTRICTED_BIZ_INITIATED_MESSAGING")
		is(t, decoded(t, "account_banned", graph.DecodeAccount).Item.Ban.State, graph.Literal("DISABLE"))
		is(t, decoded(t, "username", graph.DecodeUsername).Item.Username, "bikes")
	})
	t.Run("Calls", func(t *testing.T) {
		is(t, decoded(t, "call", graph.DecodeCall).Item.Event, "connect")
		is(t, decoded(t, "call_ended", graph.DecodeCall).Item.Duration, graph.Number(100))
		is(t, decoded(t, "call_status", graph.DecodeStatus).Item.Status, "RINGING")
	})
	t.Run("Groups", func(t *testing.T) {
		is(t, decoded(t, "group_created", graph.DecodeGroup).Item.InviteLink, "https://chat.whatsapp.com/x")
		is(t, decoded(t, "group_joined", graph.DecodeGroup).Item.Added[0].UserID, sheena)
	})
	t.Run("Coexistence", func(t *testing.T) {
		h := decoded(t, "history", graph.DecodeHistory).Item
		is(t, []any{h.Metadata.Progress, len(h.Threads), h.Threads[0].Context.Username}, []any{graph.Number(55), 1, "@sheena"})
		is(t, h.Threads[0].Messages[0].Text.Body, "old")
		is(t, h.Threads[0].Messages[1].HistoryContext.Status, "PLAYED")
		is(t, decoded(t, "history_refused", graph.DecodeHistory).Item.Errors[0].Code, graph.Number(2593109))
		is(t, decoded(t, "state_sync", graph.DecodeStateSync).Item.Contact.FullName, "Pablo Morales")
	})
}

func TestScalars(t *testing.T) {
	var all struct {
		S []graph.Seconds
		N []graph.Number
		D []graph.Decimal
		F []graph.Flag
		L []graph.Literal
	}
	const text = `{"S":["12",12,12.0,"x",null,{},[]],"N":["-1",7,1e3,"",1e40],"D":["1.5",2,"nan",null],
		"F":[true,"true",1,"1",false,"no",null],"L":["a",5,2593109.50,true,null,{"a":1},["b"]]}`
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	is(t, all.S, []graph.Seconds{12, 12, 12, 0, 0, 0, 0})
	is(t, all.N, []graph.Number{-1, 7, 1000, 0, 0})
	is(t, all.D, []graph.Decimal{1.5, 2, 0, 0})
	is(t, all.F, []graph.Flag{true, true, true, true, false, false, false})
	is(t, all.L, []graph.Literal{"a", "5", "2593109.50", "true", "", "", ""})
}
