package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"go.mau.fi/util/configupgrade"
	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// toy is a network for tests: what it is handed it remembers, and it fails as the test wants.
type toy struct {
	id     string
	env    network.Env
	bridge *bridgev2.Bridge
	login  func(user *bridgev2.User, flow string) bridgev2.LoginProcess
	plain  bool // its clients take messages only
	online bool
	silent bool // its clients report no state

	mu      sync.Mutex
	handed  []handed
	failing func(what string) error // called for each thing handed over
	calls   int
}

// handed is something that reached the network.
type handed struct {
	What   string // message, edit, reaction, unreaction, removal, receipt, typing, poll, vote
	Text   string
	HTML   string
	Target string
	Sender string
	Event  string
}

func newToy(id string) *toy { return &toy{id: id, online: true} }

func (t *toy) network() network.Network {
	return network.Network{ID: t.id, DisplayName: "Toy " + t.id, New: func(env network.Env) (network.Connector, error) {
		t.env = env
		return t, nil
	}}
}

func (t *toy) take(h handed) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if t.failing != nil {
		if err := t.failing(h.What); err != nil {
			return err
		}
	}
	t.handed = append(t.handed, h)
	return nil
}

func (t *toy) got(what string) []handed {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []handed
	for _, h := range t.handed {
		if what == "" || h.What == what {
			list = append(list, h)
		}
	}
	return list
}

func (t *toy) called() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls
}

func (t *toy) fail(failing func(what string) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failing = failing
}

func (t *toy) Init(bridge *bridgev2.Bridge)       { t.bridge = bridge }
func (t *toy) Start(context.Context) error        { return nil }
func (t *toy) GetDBMetaTypes() database.MetaTypes { return database.MetaTypes{} }
func (t *toy) GetBridgeInfoVersion() (int, int)   { return 1, 1 }
func (t *toy) Rules() channel.Rules               { return channel.Rules{} }
func (t *toy) GetLoginFlows() []bridgev2.LoginFlow {
	return []bridgev2.LoginFlow{{ID: "form"}, {ID: "code"}}
}

func (t *toy) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

func (t *toy) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{DisplayName: "Toy", NetworkID: t.id, NetworkURL: "https://toy.example", BeeperBridgeType: t.id, DefaultCommandPrefix: "!toy"}
}

func (t *toy) GetConfig() (string, any, configupgrade.Upgrader) {
	return "", nil, configupgrade.NoopUpgrader
}

func (t *toy) Webhooks() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, t.id+" "+r.URL.Path)
	})
}

func (t *toy) CreateLogin(_ context.Context, user *bridgev2.User, flow string) (bridgev2.LoginProcess, error) {
	return t.login(user, flow), nil
}

func (t *toy) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	client := &toyClient{toy: t, login: login}
	login.Client = client
	if !t.plain {
		login.Client = &fullToyClient{client}
	}
	return nil
}

// news is what the toy's provider sends.
type news struct {
	Chat, ID, From, Kind, Target string
	Parts                        []string
	FromMe                       bool
	Second                       int64
}

func (n news) key() networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(n.Chat), Receiver: "account"}
}

func (t *toy) HandleEntry(_ context.Context, entry network.Entry) error {
	var n news
	if err := json.Unmarshal(entry.Payload, &n); err != nil {
		return err
	} else if n.Kind == "not yet" {
		return errs.Temporary(errors.New("not yet"), time.Hour)
	}
	return t.tell(n)
}

// tell hands what the provider sent to bridgev2, after what it tells of the customer.
func (t *toy) tell(n news) error {
	ghost, err := t.bridge.GetGhostByID(context.Background(), networkid.UserID(n.From))
	if err != nil {
		return err
	}
	ghost.UpdateInfo(context.Background(), &bridgev2.UserInfo{Name: ptr.Ptr("Customer " + n.From)})
	meta := simplevent.EventMeta{
		PortalKey: n.key(), Sender: bridgev2.EventSender{Sender: networkid.UserID(n.From), IsFromMe: n.FromMe},
		Timestamp: time.Unix(1_700_000_000+n.Second, 0), CreatePortal: true,
	}
	var evt bridgev2.RemoteEvent
	switch n.Kind {
	case "edit":
		evt = &simplevent.Message[news]{
			EventMeta: meta.WithType(bridgev2.RemoteEventEdit), Data: n, ID: networkid.MessageID(n.ID), TargetMessage: networkid.MessageID(n.Target),
			ConvertEditFunc: func(_ context.Context, _ *bridgev2.Portal, _ bridgev2.MatrixAPI, existing []*database.Message, n news) (*bridgev2.ConvertedEdit, error) {
				return &bridgev2.ConvertedEdit{ModifiedParts: []*bridgev2.ConvertedEditPart{{Part: existing[0], Type: event.EventMessage, Content: text(n.Parts[0])}}}, nil
			},
		}
	case "reaction":
		evt = &simplevent.Reaction{EventMeta: meta.WithType(bridgev2.RemoteEventReaction), TargetMessage: networkid.MessageID(n.Target), Emoji: n.Parts[0]}
	case "removal":
		evt = &simplevent.MessageRemove{EventMeta: meta.WithType(bridgev2.RemoteEventMessageRemove), TargetMessage: networkid.MessageID(n.Target)}
	default:
		evt = &simplevent.Message[news]{
			EventMeta: meta.WithType(bridgev2.RemoteEventMessage), Data: n, ID: networkid.MessageID(n.ID),
			ConvertMessageFunc: func(_ context.Context, _ *bridgev2.Portal, _ bridgev2.MatrixAPI, n news) (*bridgev2.ConvertedMessage, error) {
				switch n.Kind {
				case "unreadable":
					return nil, errors.New("cannot be converted")
				case "poison":
					panic("oh no")
				}
				return converted(n), nil
			},
		}
	}
	login := t.bridge.GetCachedUserLoginByID("account")
	if login == nil {
		return errs.Temporary(errors.New("no account"), 0)
	}
	return network.Result(login.QueueRemoteEvent(evt))
}

func text(body string) *event.MessageEventContent {
	return &event.MessageEventContent{MsgType: event.MsgText, Body: body}
}

func converted(n news) *bridgev2.ConvertedMessage {
	msg := &bridgev2.ConvertedMessage{}
	for i, part := range n.Parts {
		msg.Parts = append(msg.Parts, &bridgev2.ConvertedMessagePart{
			ID: networkid.PartID(fmt.Sprintf("%d", i)), Type: event.EventMessage, Content: text(part),
		})
	}
	return msg
}

// toyClient takes messages only.
type toyClient struct {
	toy   *toy
	login *bridgev2.UserLogin
}

func (c *toyClient) Connect(context.Context) {
	if c.toy.silent {
		return
	}
	c.login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
}
func (c *toyClient) Disconnect()                                       {}
func (c *toyClient) LogoutRemote(context.Context)                      {}
func (c *toyClient) IsThisUser(context.Context, networkid.UserID) bool { return false }
func (c *toyClient) GetUserID() networkid.UserID                       { return "business" }
func (c *toyClient) GetCapabilities(context.Context, *bridgev2.Portal) *event.RoomFeatures {
	level := event.CapLevelFullySupported
	return &event.RoomFeatures{
		ID: "toy", Edit: level, Reply: level, Reaction: level, Delete: level,
		File: event.FileFeatureMap{event.MsgImage: {Caption: level, MimeTypes: map[string]event.CapabilitySupportLevel{"*/*": level}, MaxSize: 1000}},
	}
}

func (c *toyClient) IsLoggedIn() bool {
	c.toy.mu.Lock()
	defer c.toy.mu.Unlock()
	return c.toy.online
}

func (c *toyClient) GetChatInfo(_ context.Context, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	return &bridgev2.ChatInfo{
		Type:    ptr.Ptr(database.RoomTypeDM),
		Members: &bridgev2.ChatMemberList{OtherUserID: networkid.UserID(portal.ID), MemberMap: bridgev2.ChatMemberMap{}},
	}, nil
}

func (c *toyClient) GetUserInfo(_ context.Context, ghost *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	return &bridgev2.UserInfo{Name: ptr.Ptr("Customer " + string(ghost.ID))}, nil
}

func (c *toyClient) HandleMatrixMessage(_ context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	h := handed{What: "message", Text: msg.Content.Body, HTML: msg.Content.FormattedBody, Sender: msg.Event.Sender.String(), Event: msg.Event.ID.String()}
	if msg.ReplyTo != nil {
		h.Target = string(msg.ReplyTo.ID)
	}
	if err := c.toy.take(h); err != nil {
		return nil, err
	}
	return c.response("of-" + msg.Event.ID.String()), nil
}

func (c *toyClient) response(id string) *bridgev2.MatrixMessageResponse {
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{ID: networkid.MessageID(id), SenderID: "business"}}
}

// fullToyClient takes everything.
type fullToyClient struct{ *toyClient }

var (
	_ bridgev2.EditHandlingNetworkAPI        = (*fullToyClient)(nil)
	_ bridgev2.PollHandlingNetworkAPI        = (*fullToyClient)(nil)
	_ bridgev2.ReactionHandlingNetworkAPI    = (*fullToyClient)(nil)
	_ bridgev2.RedactionHandlingNetworkAPI   = (*fullToyClient)(nil)
	_ bridgev2.ReadReceiptHandlingNetworkAPI = (*fullToyClient)(nil)
	_ bridgev2.TypingHandlingNetworkAPI      = (*fullToyClient)(nil)
)

func (c *fullToyClient) HandleMatrixEdit(_ context.Context, msg *bridgev2.MatrixEdit) error {
	return c.toy.take(handed{What: "edit", Text: msg.Content.Body, HTML: msg.Content.FormattedBody, Target: string(msg.EditTarget.ID), Sender: msg.Event.Sender.String()})
}

func (c *fullToyClient) HandleMatrixPollStart(_ context.Context, msg *bridgev2.MatrixPollStart) (*bridgev2.MatrixMessageResponse, error) {
	return c.response("of-" + msg.Event.ID.String()), c.toy.take(handed{What: "poll", Text: msg.Content.PollStart.Question.Text})
}

func (c *fullToyClient) HandleMatrixPollVote(_ context.Context, msg *bridgev2.MatrixPollVote) (*bridgev2.MatrixMessageResponse, error) {
	return c.response("of-" + msg.Event.ID.String()), c.toy.take(handed{What: "vote", Target: string(msg.VoteTo.ID)})
}

func (c *fullToyClient) PreHandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (bridgev2.MatrixReactionPreResponse, error) {
	return bridgev2.MatrixReactionPreResponse{SenderID: "business", Emoji: msg.Content.RelatesTo.Key, MaxReactions: 1}, nil
}

func (c *fullToyClient) HandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (*database.Reaction, error) {
	return nil, c.toy.take(handed{What: "reaction", Text: msg.PreHandleResp.Emoji, Target: string(msg.TargetMessage.ID), Sender: msg.Event.Sender.String()})
}

func (c *fullToyClient) HandleMatrixReactionRemove(_ context.Context, msg *bridgev2.MatrixReactionRemove) error {
	return c.toy.take(handed{What: "unreaction", Target: string(msg.TargetReaction.MessageID)})
}

func (c *fullToyClient) HandleMatrixMessageRemove(_ context.Context, msg *bridgev2.MatrixMessageRemove) error {
	return c.toy.take(handed{What: "removal", Target: string(msg.TargetMessage.ID)})
}

func (c *fullToyClient) HandleMatrixReadReceipt(_ context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	return c.toy.take(handed{What: "receipt", Event: receipt.EventID.String()})
}

func (c *fullToyClient) HandleMatrixTyping(_ context.Context, typing *bridgev2.MatrixTyping) error {
	return c.toy.take(handed{What: "typing", Text: fmt.Sprint(typing.IsTyping)})
}
