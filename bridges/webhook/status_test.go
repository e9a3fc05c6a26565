package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

// outcomes remembers what is reported.
type outcomes struct {
	network.Outcomes
	reports  []network.Report
	underway id.RoomID // where messages are underway
}

func (o *outcomes) Underway(_ context.Context, room id.RoomID) (bool, error) {
	return room == o.underway, nil
}

func (o *outcomes) Report(_ context.Context, report network.Report) error {
	o.reports = append(o.reports, report)
	return nil
}

// people knows one person by the shop's ID.
type people struct{ network.Handles }

func (people) Lookup(_ context.Context, handle network.Handle) (networkid.UserID, error) {
	if handle == (network.Handle{Kind: handleID, Value: "shop:u1"}) {
		return "ana", nil
	}
	return "", errs.ErrNotFound
}

func (people) Resolve(_ context.Context, handles ...network.Handle) (networkid.UserID, error) {
	return networkid.UserID(strings.NewReplacer(":", "-").Replace(handles[0].Value)), nil
}

func (people) Of(context.Context, networkid.UserID) ([]network.Handle, error) { return nil, nil }

// matrix is a homeserver of which nothing is asked but who is who.
type matrix struct{ bridgev2.MatrixConnector }

func (matrix) Init(*bridgev2.Bridge)                           {}
func (matrix) BotIntent() bridgev2.MatrixAPI                   { return nil }
func (matrix) GhostIntent(networkid.UserID) bridgev2.MatrixAPI { return nil }
func (matrix) ParseGhostMXID(who id.UserID) (networkid.UserID, bool) {
	ghost, ok := strings.CutPrefix(string(who), "@ghost_")
	return networkid.UserID(ghost), ok
}

// bridged gives the world a database, in which each system's conversation "c1" has two messages of the business's:
// out-1 and out-2, and one of ana's between: in-1.
func bridged(t *testing.T) (*world, *outcomes) {
	t.Helper()
	w, told := newWorld(t), &outcomes{}
	w.connector.env.Outcomes, w.connector.env.Handles = told, people{}
	bridge := bridgev2.NewBridge("webhook", db.Chosen(t).Open(t), zerolog.Nop(), &bridgeconfig.BridgeConfig{}, matrix{}, w.connector,
		func(*bridgev2.Bridge) bridgev2.CommandProcessor { return nil })
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	bridge.BackgroundCtx = ctx
	must(bridge.DB.Upgrade(ctx))
	for _, system := range []string{"shop", "desk"} {
		portal, err := bridge.GetPortalByKey(ctx, portalKey(system, "c1"))
		must(err)
		portal.MXID = id.RoomID("!" + system)
		*portal.Metadata.(*PortalMeta) = PortalMeta{Conversation: "c1", Customer: "ana"}
		must(portal.Save(ctx))
		for n, one := range []struct {
			messageID string
			sender    networkid.UserID
		}{{"out-1", businessID(loginID(system))}, {"in-1", "ana"}, {"out-2", businessID(loginID(system))}} {
			_, err = bridge.GetGhostByID(ctx, one.sender)
			must(err)
			must(bridge.DB.Message.Insert(ctx, &database.Message{
				ID: networkid.MessageID(one.messageID), MXID: id.EventID("$" + system + "-" + one.messageID), Room: portal.PortalKey, SenderID: one.sender,
				Timestamp: w.clock.Now().Add(time.Duration(n-10) * time.Minute),
			}))
		}
	}
	return w, told
}

// handles has the bridge deal with an event of the shop's that came just now.
func (w *world) handles(evt string) error {
	return w.connector.HandleEntry(context.Background(), network.Entry{Key: "shop:1", Payload: []byte(evt), ReceivedAt: w.clock.Now()})
}

func TestStatuses(t *testing.T) {
	status := func(messageID, more string) string {
		return `{"id":"e","type":"message.status","message_id":"` + messageID + `"` + more + `}`
	}
	t.Run("AFailureIsToldWithItsReason", func(t *testing.T) {
		w, told := bridged(t)
		if err := w.handles(status("out-1", `,"status":"failed","reason":"Number\nnot in use"`)); err != nil {
			t.Fatal(err)
		}
		got := told.reports[0]
		if got.EventID != "$shop-out-1" || got.NetworkMessageID != "shop:out-1" || got.State != channel.Failed || got.Reason != "Number not in use" {
			t.Errorf("reported: %+v", got)
		}
	})
	t.Run("AFailureWithoutAReasonHasWordsToo", func(t *testing.T) {
		w, told := bridged(t)
		if err := w.handles(status("out-1", `,"status":"failed"`)); err != nil || told.reports[0].Reason != "The shop did not say why." {
			t.Errorf("reported: %+v, %v", told.reports, err)
		}
	})
	t.Run("PuentesOwnIDNamesTheMessageToo", func(t *testing.T) {
		w, told := bridged(t)
		if err := w.handles(status(ownID("$shop-out-2"), `,"status":"delivered"`)); err != nil || told.reports[0].EventID != "$shop-out-2" {
			t.Errorf("reported: %+v, %v", told.reports, err)
		}
	})
	t.Run("WhoReadItIsTheCustomer", func(t *testing.T) {
		for _, more := range []string{`,"status":"read"`, `,"status":"read","from":{"id":"u1"}`} {
			w, told := bridged(t)
			if err := w.handles(status("out-1", more)); err != nil || told.reports[0].By == nil || told.reports[0].By.ID != "ana" {
				t.Errorf("reported: %+v, %v", told.reports, err)
			}
		}
		w, told := bridged(t)
		if err := w.handles(status("out-1", `,"status":"read","from":{"id":"nobody"}`)); err != nil || told.reports[0].By != nil {
			t.Errorf("a stranger's: %+v, %v", told.reports, err)
		}
	})
	t.Run("NoSystemReportsOnAnothersMessages", func(t *testing.T) {
		w, told := bridged(t)
		err := w.handles(status(ownID("$desk-out-1"), `,"status":"failed"`))
		if _, again := errs.IsTemporary(err); !again || len(told.reports) != 0 {
			t.Errorf("reported: %+v, %v", told.reports, err)
		}
	})
	t.Run("AReportWaitsForItsMessageButNotForEver", func(t *testing.T) {
		w, told := bridged(t)
		evt := status("out-99", `,"status":"read"`)
		if _, again := errs.IsTemporary(w.handles(evt)); !again {
			t.Error("it does not wait")
		}
		received := w.clock.Now()
		w.clock.Advance(reportPatience + time.Second)
		err := w.connector.HandleEntry(context.Background(), network.Entry{Key: "shop:1", Payload: []byte(evt), ReceivedAt: received})
		if err != nil || len(told.reports) != 0 {
			t.Errorf("reported: %+v, %v", told.reports, err)
		}
	})
}

func TestReadUpToMarksWhatTheBusinessSaidBefore(t *testing.T) {
	w, told := bridged(t)
	in := &incoming{client: w.shop, receivedAt: w.clock.Now(), sender: bridgev2.EventSender{Sender: "ana"}, evt: Event{Type: typeRead, MessageID: "out-2"}}
	if err := in.handleRead(context.Background()); err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, one := range told.reports {
		read = append(read, one.EventID.String())
		if one.State != channel.Read || one.By.ID != "ana" {
			t.Errorf("reported: %+v", one)
		}
	}
	if got := strings.Join(read, " "); got != "$shop-out-1 $shop-out-2" {
		t.Errorf("read: %s", got)
	}
}

func TestWhatIsLearntOfAConversation(t *testing.T) {
	w, _ := bridged(t)
	members := func(ids ...networkid.UserID) bridgev2.ChatMemberMap {
		all := bridgev2.ChatMemberMap{}
		for _, one := range ids {
			all.Set(bridgev2.ChatMember{EventSender: bridgev2.EventSender{Sender: one}})
		}
		return all
	}
	for name, test := range map[string]struct {
		known, want PortalMeta
		sender      bridgev2.EventSender
		members     bridgev2.ChatMemberMap
	}{
		"TheFirstIsTheCustomer":     {PortalMeta{}, PortalMeta{"c1", "ana", false}, bridgev2.EventSender{Sender: "ana"}, nil},
		"TheSameAgain":              {PortalMeta{"c1", "ana", false}, PortalMeta{"c1", "ana", false}, bridgev2.EventSender{Sender: "ana"}, nil},
		"AnotherMakesItAGroup":      {PortalMeta{"c1", "ana", false}, PortalMeta{"c1", "ana", true}, bridgev2.EventSender{Sender: "ben"}, nil},
		"TheBusinessIsNoCustomer":   {PortalMeta{}, PortalMeta{"c1", "", false}, bridgev2.EventSender{IsFromMe: true, Sender: "business:shop"}, nil},
		"TheOneMemberIsTheCustomer": {PortalMeta{}, PortalMeta{"c1", "ana", false}, bridgev2.EventSender{IsFromMe: true}, members("ana")},
		"SeveralMembersAreAGroup":   {PortalMeta{}, PortalMeta{"c1", "", true}, bridgev2.EventSender{}, members("ana", "ben")},
		"AGroupStaysOneWithoutThem": {PortalMeta{"c1", "ana", true}, PortalMeta{"c1", "ana", true}, bridgev2.EventSender{Sender: "ana"}, nil},
		"AGroupDoesNotBecomeAChat":  {PortalMeta{"c1", "ana", true}, PortalMeta{"c1", "ana", true}, bridgev2.EventSender{}, members("ben")},
	} {
		in := &incoming{client: w.shop, sender: test.sender, evt: Event{Conversation: &Conversation{ID: "c1"}}}
		if got := in.learn(test.known, test.members); got != test.want {
			t.Errorf("%s: %+v, not %+v", name, got, test.want)
		}
	}
}

func TestASystemThatIsNotConnectedLooksLikeAWrongToken(t *testing.T) {
	w, _ := bridged(t)
	if answer := w.does(http.MethodPost, "/v1/systems/bank/events", w.token, "application/json", posting(`,"text":"x"`, "")); answer.Code != http.StatusUnauthorized {
		t.Errorf("answered %d", answer.Code)
	}
	user, err := w.connector.bridge.GetUserByMXID(context.Background(), "@desk:example.org")
	if err != nil {
		t.Fatal(err)
	}
	row := &database.UserLogin{ID: "till", UserMXID: user.MXID, Metadata: &LoginMeta{TokenHash: hashToken(w.token)}}
	if err = w.connector.bridge.DB.UserLogin.Insert(context.Background(), row); err != nil {
		t.Fatal(err)
	}
	if answer := w.does(http.MethodPost, "/v1/systems/till/events", w.token, "application/json", posting(`,"text":"x"`, "")); answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
		t.Errorf("one that is not loaded yet is answered by %d", answer.Code)
	}
	err = w.connector.HandleEntry(context.Background(), network.Entry{Key: "bank:1", Payload: []byte(posting(`,"text":"x"`, ""))})
	if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(errs.Message(err), "login webhook") {
		t.Errorf("an entry of its ends with %v", err)
	}
}

func TestAnUnknownEventIsSetAside(t *testing.T) {
	w, _ := bridged(t)
	for _, evt := range []string{`{"id":"e","type":"carousel.spun"}`, `{"id":"e","type":"<b>$(rm)</b>"}`} {
		if err := w.handles(evt); !errors.Is(err, errs.ErrUnsupported) || strings.ContainsAny(err.Error(), "<$") {
			t.Errorf("%s: %v", evt, err)
		}
	}
	if err := w.handles(`{"id":`); !errors.Is(err, errs.ErrInvalid) {
		t.Errorf("what cannot be read: %v", err)
	}
}

func TestTheSystemsOwnIDIsUsedIfItIsFree(t *testing.T) {
	w, _ := bridged(t)
	created := &Event{ID: "puente_x", Type: typeMessageCreated}
	for given, want := range map[string]string{"theirs-1": "theirs-1", "": "puente_x", "out-1": "puente_x", "in-1": "puente_x"} {
		if got := w.shop.named(context.Background(), created, given); got != want {
			t.Errorf("%q is called %q", given, got)
		}
	}
	if got := w.shop.named(context.Background(), &Event{ID: "puente_y", Type: typeReactionAdded}, "theirs-2"); got != "puente_y" {
		t.Errorf("a reaction is called %q", got)
	}
}

func TestWhatIsAboutAMessageUnderwayWaitsForIt(t *testing.T) {
	w, told := bridged(t)
	in := &incoming{client: w.shop, chat: portalKey("shop", "c1"), receivedAt: w.clock.Now()}
	look := func(messageID string) (found, again bool) {
		got, err := in.target(context.Background(), messageID)
		_, again = errs.IsTemporary(err)
		return got != nil, again
	}
	if found, again := look("unseen"); found || again {
		t.Errorf("nothing is underway: found %v, again %v", found, again)
	}
	told.underway = "!desk"
	if found, again := look("unseen"); found || again {
		t.Errorf("something is underway in another room: found %v, again %v", found, again)
	}
	told.underway = "!shop"
	if found, again := look("unseen"); found || !again {
		t.Errorf("something is underway: found %v, again %v", found, again)
	}
	if found, again := look("in-1"); !found || again {
		t.Errorf("one that is known: found %v, again %v", found, again)
	}
}

func TestCheck(t *testing.T) {
	w, _ := bridged(t)
	if found := w.connector.checkUploads(); !found.OK || found.Mend != "" {
		t.Errorf("found: %+v", found)
	}
	w.connector.uploads.dir = "/dev/null/x"
	if found := w.connector.checkUploads(); found.OK || !strings.Contains(found.Mend, "upload_dir") {
		t.Errorf("found: %+v", found)
	}
	findings := w.connector.Check(context.Background())
	raw, err := json.Marshal(findings)
	if err != nil || len(findings) != 3 || !strings.Contains(string(raw), "login webhook") || !strings.Contains(string(raw), "public_url") {
		t.Errorf("found: %s", raw)
	}
}
