package whatsapp

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/hub/network"
)

// shown is the message that a webhook's message becomes; files need a homeserver and are tested with one.
func shown(t *testing.T, msg graph.Message) (*event.MessageEventContent, map[string]any) {
	t.Helper()
	converted, err := (&incoming{}).convert(t.Context(), &bridgev2.Portal{Portal: &database.Portal{}}, nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	if len(converted.Parts) != 1 || converted.Parts[0].Content.Mentions == nil {
		t.Fatalf("got %+v", converted.Parts)
	}
	return converted.Parts[0].Content, converted.Parts[0].Extra
}

func TestConvert(t *testing.T) {
	t.Run("AnObjectThatIsMissingIsANotice", func(t *testing.T) {
		for _, kind := range []string{"text", "image", "location", "contacts", "button", "interactive", "order", "system", "unsupported", "unknown", "", "hologram"} {
			content, _ := shown(t, graph.Message{Type: kind})
			if content.MsgType != event.MsgNotice || content.Body == "" {
				t.Errorf("%q without its object became %+v", kind, content)
			}
		}
	})
	t.Run("UnsupportedKindsAreNamed", func(t *testing.T) {
		for words, msg := range map[string]graph.Message{
			"edited a message": {Type: "unsupported", Unsupported: &graph.Unsupported{Type: "edit"}},
			"sent a poll":      {Type: "unsupported", Unsupported: &graph.Unsupported{Type: "poll"}},
			"(x-y)":            {Type: "unsupported", Unsupported: &graph.Unsupported{Type: "x-y<>"}},
			"too large":        {Type: "unsupported", Errors: []graph.Problem{{Code: 131052}}},
			"sent something that WhatsApp does not hand over": {Type: "unsupported"},
		} {
			if content, _ := shown(t, msg); !strings.Contains(content.Body, words) || strings.Contains(content.Body, "<") {
				t.Errorf("%q is not in %q", words, content.Body)
			}
		}
	})
	t.Run("ChoicesCarryTheirID", func(t *testing.T) {
		for want, msg := range map[string]graph.Message{
			"b1": {Type: "interactive", Interactive: &graph.Interactive{ButtonReply: &graph.Choice{ID: "b1", Title: "Yes"}}},
			"l1": {Type: "interactive", Interactive: &graph.Interactive{ListReply: &graph.Choice{ID: "l1", Title: "Yes", Description: "surely"}}},
			"p1": {Type: "button", Button: &graph.Button{Payload: "p1", Text: "Yes"}},
		} {
			content, extra := shown(t, msg)
			if answer, _ := extra[network.AnswerKey].(map[string]any); answer["id"] != want || !strings.HasPrefix(content.Body, "Yes") {
				t.Errorf("%s became %q with %v", want, content.Body, extra)
			}
		}
	})
	t.Run("CallPermissionAndSystemAreNotices", func(t *testing.T) {
		for words, msg := range map[string]graph.Message{
			"accept":              {Type: "interactive", Interactive: &graph.Interactive{CallPermission: &graph.CallPermission{Response: "accept"}}},
			"new phone number":    {Type: "system", System: &graph.System{Type: "user_changed_number", Body: "User A changed from 1650 to 1651"}},
			"account was renewed": {Type: "system", System: &graph.System{Type: "user_changed_user_id"}},
			"security code":       {Type: "system", System: &graph.System{Type: "customer_identity_changed"}},
			"first time":          {Type: "request_welcome"},
		} {
			if content, _ := shown(t, msg); content.MsgType != event.MsgNotice || !strings.Contains(content.Body, words) {
				t.Errorf("%q is not in %+v", words, content)
			}
		}
	})
	t.Run("ACardWithoutANameIsShown", func(t *testing.T) {
		content, _ := shown(t, graph.Message{Type: "contacts", Contacts: []graph.Card{{Phones: []graph.CardPhone{{Phone: "+34 600", Type: "CELL"}}}}})
		if content.Body != "👤 Contact\ncell: +34 600" {
			t.Errorf("got %q", content.Body)
		}
	})
	t.Run("APlaceWithoutANameHasALink", func(t *testing.T) {
		content, _ := shown(t, graph.Message{Type: "location", Location: &graph.Location{Latitude: 1, Longitude: -2}})
		if content.GeoURI != "geo:1.000000,-2.000000" || !strings.Contains(content.Body, "mlat=1.000000") {
			t.Errorf("got %q %q", content.GeoURI, content.Body)
		}
	})
	t.Run("AReferralIsEscaped", func(t *testing.T) {
		content, _ := shown(t, graph.Message{Type: "text", Text: &graph.Text{Body: "hi"}, Referral: &graph.Referral{Headline: "<img src=x>"}})
		if strings.Contains(content.FormattedBody, "<img") || !strings.Contains(content.Body, "<img src=x>") {
			t.Errorf("got %q", content.FormattedBody)
		}
	})
}

func TestSmallWords(t *testing.T) {
	if got := digits("+34 (600) 111-222"); got != "34600111222" {
		t.Errorf("digits are %q", got)
	}
	if got := message.CleanWord("a_B-9 <x>é"); got != "a_B-9x" {
		t.Errorf("the clean word is %q", got)
	}
	if info := userInfo(graph.Contact{Profile: graph.Profile{Username: "@ana"}}); info == nil || *info.Name != "@ana" {
		t.Errorf("a username alone gives %+v", info)
	}
	if info := userInfo(graph.Contact{}); info != nil {
		t.Errorf("nothing gives %+v", info)
	}
}
