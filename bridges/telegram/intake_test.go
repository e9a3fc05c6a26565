package telegram

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestEntriesOfUpdates(t *testing.T) {
	c := &Connector{}
	for name, test := range map[string]struct{ raw, lane, kind, failed string }{
		"APrivateMessage":   {`{"update_id":7,"message":{"message_id":1,"chat":{"id":5,"type":"private"}}}`, "9:5", "message", ""},
		"AnEdit":            {`{"update_id":7,"edited_message":{"message_id":1,"chat":{"id":5}}}`, "9:5", "edited_message", ""},
		"AGroup":            {`{"update_id":7,"message":{"message_id":1,"chat":{"id":-5}}}`, "9:-5", "message", ""},
		"AReaction":         {`{"update_id":7,"message_reaction":{"chat":{"id":5},"message_id":1}}`, "9:5", "message_reaction", ""},
		"AButton":           {`{"update_id":7,"callback_query":{"id":"1","from":{"id":6},"message":{"chat":{"id":-5}}}}`, "9:-5", "callback_query", ""},
		"AButtonOfNoChat":   {`{"update_id":7,"callback_query":{"id":"1","from":{"id":6}}}`, "9:6", "callback_query", ""},
		"AVote":             {`{"update_id":7,"poll_answer":{"poll_id":"44","user":{"id":6}}}`, "9:poll:44", "poll_answer", ""},
		"AnUnknownKind":     {`{"update_id":7,"holo gram":{"id":1}}`, "9", "hologram", "does not know (hologram)"},
		"NothingInIt":       {`{"update_id":7}`, "9", "empty", "does not know (empty)"},
		"BrokenJSON":        {`{"update_id":7,`, "", "broken", "no update"},
		"NoNumber":          {`{"message":{}}`, "", "broken", "no update"},
		"AChannelsOwnPosts": {`{"update_id":7,"channel_post":{"chat":{"id":-5}}}`, "9:-5", "channel_post", "does not know (channel_post)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := botlessEntry(c, test.raw)
			if got.Lane != test.lane || got.Kind != test.kind || !strings.Contains(got.Failed, test.failed) || (test.failed == "") != (got.Failed == "") {
				t.Errorf("it became lane %q, kind %q, failed %q", got.Lane, got.Kind, got.Failed)
			}
			if botOf(got) != 9 {
				t.Errorf("the key %q names another bot", got.Key)
			}
		})
	}
	t.Run("KeysAreThoseOfTheUpdate", func(t *testing.T) {
		one := botlessEntry(c, `{"update_id":7,"message":{"message_id":1,"chat":{"id":5}}}`).Key
		spaced := botlessEntry(c, `{"update_id": 7, "message": {"message_id":1,"chat":{"id":5}}}`).Key
		other := botlessEntry(c, `{"update_id":7,"message":{"message_id":2,"chat":{"id":5}}}`).Key
		if one != spaced || one == other || !strings.HasPrefix(one, "9:7:") {
			t.Errorf("the keys are %q, %q and %q", one, spaced, other)
		}
	})
}

func TestABusinessChatKeepsItsLane(t *testing.T) {
	c := &Connector{bridge: &bridgev2.Bridge{}}
	message := `{"update_id":8,"business_message":{"message_id":1,"business_connection_id":"conn","chat":{"id":5,"type":"private"}}}`
	if got := botlessEntry(c, message).Lane; got != "9:conn:5" {
		t.Errorf("before anybody told of the connection it is %q", got)
	}
	botlessEntry(c, `{"update_id":7,"business_connection":{"id":"conn","user":{"id":70},"is_enabled":true}}`)
	if got := botlessEntry(c, message).Lane; got != "9:70:5" { // as when the account is known
		t.Errorf("before the connection was dealt with it is %q", got)
	}
}

func botlessEntry(c *Connector, raw string) network.Entry { return c.entry(9, json.RawMessage(raw)) }

func TestIDs(t *testing.T) {
	for _, g := range []group{{chat: -5}, {chat: -1001234567890, thread: 44}} {
		if got, ok := groupOf(g.portalID()); !ok || got != g {
			t.Errorf("%+v became %+v", g, got)
		}
	}
	for _, none := range []networkid.PortalID{"person1", "group:", "group:x", "group:-5:x"} {
		if got, ok := groupOf(none); ok {
			t.Errorf("%q is the group %+v", none, got)
		}
	}
	if chat, message, ok := readMessageID(messageID(-1001234567890, 17)); !ok || chat != -1001234567890 || message != 17 {
		t.Errorf("a message's ID became %d, %d", chat, message)
	}
	for _, none := range []networkid.MessageID{"callback:12", "vote:1", "5", "5.x", "5.6~7"} {
		if _, _, ok := readMessageID(none); ok {
			t.Errorf("%q is a message of Telegram's", none)
		}
	}
	if got := fromOutcomeID(outcomeID("9-5", "5.6")); got != "5.6" {
		t.Errorf("an outcome's ID became %q", got)
	}
}

func TestDigestsKnowWhatIsSeen(t *testing.T) {
	base := models.Message{Text: "see example.com now"}
	linked, bold, moved := base, base, models.Message{Location: &models.Location{Latitude: 40.123451, Longitude: -3.7}}
	linked.Entities = []models.MessageEntity{{Type: models.MessageEntityTypeURL, Offset: 4, Length: 11}}
	bold.Entities = []models.MessageEntity{{Type: models.MessageEntityTypeBold, Offset: 0, Length: 3}}
	near, far := moved, moved
	near.Location = &models.Location{Latitude: 40.123459, Longitude: -3.7}
	far.Location = &models.Location{Latitude: 40.2, Longitude: -3.7}
	if digest(&base) != digest(&linked) || digest(&base) == digest(&bold) {
		t.Error("a link that Telegram found counts, or bold words do not")
	}
	if digest(&moved) != digest(&near) || digest(&moved) == digest(&far) {
		t.Error("a tremble of a place counts, or a journey does not")
	}
}

func TestReactionsAreTelegramsOwn(t *testing.T) {
	raw, err := os.ReadFile("emulator/testdata/telegram-bot-api.json")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Types map[string]struct {
			Fields []struct {
				Name        string `json:"name"`
				Description string `json:"description"`
			} `json:"fields"`
		} `json:"types"`
	}
	if err = json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, field := range spec.Types["ReactionTypeEmoji"].Fields {
		if field.Name == "emoji" {
			parts := strings.Split(field.Description, `"`)
			for i := 1; i < len(parts); i += 2 {
				listed = append(listed, parts[i])
			}
		}
	}
	if !slices.Equal(listed, reactionList()) {
		t.Errorf("the API lists %q, and the bridge %q", listed, reactionList())
	}
	for emoji, want := range map[string]string{"❤️": "❤", "❤": "❤", "👍": "👍", "🤷‍♂️": "🤷‍♂", "🦖": "", "": ""} {
		if got := telegramReaction(emoji); got != want {
			t.Errorf("%q is %q for Telegram, not %q", emoji, got, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{
		APIURL: "https://api.telegram.org", Mode: modePoll, PollTimeout: 50 * time.Second, MessagesPerSecond: 30, ChatPerSecond: 1, ChatBurst: 5, GroupPerMinute: 20,
	}
	if err := good.validate(""); err != nil {
		t.Fatalf("a good config is refused: %v", err)
	}
	for key, change := range map[string]func(*Config){
		"api_url": func(c *Config) { c.APIURL = "telegram" }, "local_server": func(c *Config) { c.LocalServer = true },
		"mode": func(c *Config) { c.Mode = modeWebhook }, "webhook_secret": func(c *Config) { c.WebhookSecret = "not allowed!" },
		"poll_timeout": func(c *Config) { c.PollTimeout = time.Minute }, "echo_grace": func(c *Config) { c.EchoGrace = -1 },
		"messages_per_second": func(c *Config) { c.MessagesPerSecond = 0 }, "chat_per_second": func(c *Config) { c.ChatPerSecond = -1 },
		"chat_burst": func(c *Config) { c.ChatBurst = 0 }, "group_per_minute": func(c *Config) { c.GroupPerMinute = 0 },
	} {
		bad := good
		change(&bad)
		if err := bad.validate(""); !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "networks.telegram."+key) {
			t.Errorf("a wrong %s is answered by %v", key, err)
		}
	}
}

func TestButtonsCarryWhatFits(t *testing.T) {
	for id, want := range map[string]string{"yes": "yes", strings.Repeat("x", 64): strings.Repeat("x", 64), strings.Repeat("x", 65): "puente:3", "": "puente:3", strings.Repeat("é", 33): "puente:3"} {
		if got := callbackData(3, id); got != want || len(got) > maxCallback {
			t.Errorf("%q is carried as %q", id, got)
		}
	}
}
