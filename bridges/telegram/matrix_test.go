package telegram_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

const (
	homeserver  = "example.com"
	ghostPrefix = "@telegram_"
	botUser     = id.UserID("@telegrambot:" + homeserver)
	desk        = id.UserID("@desk:" + homeserver)
)

// said is one event that the bridge sent into a room.
type said struct {
	Room    id.RoomID
	Sender  id.UserID
	ID      id.EventID
	Type    event.Type
	Content *event.MessageEventContent // of messages and stickers
	Raw     map[string]any
	Redacts id.EventID
	Key     string // of a reaction
	State   any    // of a state event
}

// homeserverFake is a homeserver in memory, as far as bridgev2 needs one.
type homeserverFake struct {
	bridgev2.MatrixConnector // what is not here is not called

	mu      sync.Mutex
	changed chan struct{}
	events  []said
	rooms   int
	files   map[id.ContentURIString][]byte
	states  map[networkid.UserLoginID]status.BridgeState
	names   map[id.UserID]string
}

func newHomeserver() *homeserverFake {
	return &homeserverFake{
		changed: make(chan struct{}), files: map[id.ContentURIString][]byte{}, names: map[id.UserID]string{},
		states: map[networkid.UserLoginID]status.BridgeState{},
	}
}

func (h *homeserverFake) Init(*bridgev2.Bridge)       {}
func (h *homeserverFake) Start(context.Context) error { return nil }
func (h *homeserverFake) PreStop()                    {}
func (h *homeserverFake) Stop()                       {}
func (h *homeserverFake) ServerName() string          { return homeserver }
func (h *homeserverFake) GetCapabilities() *bridgev2.MatrixCapabilities {
	return &bridgev2.MatrixCapabilities{}
}

func (h *homeserverFake) ParseGhostMXID(user id.UserID) (networkid.UserID, bool) {
	local, isGhost := strings.CutPrefix(string(user), ghostPrefix)
	if !isGhost || user == botUser {
		return "", false
	}
	return networkid.UserID(strings.ReplaceAll(strings.TrimSuffix(local, ":"+homeserver), "=3a", ":")), true
}

func (h *homeserverFake) FormatGhostMXID(user networkid.UserID) id.UserID {
	return id.UserID(ghostPrefix + strings.ReplaceAll(string(user), ":", "=3a") + ":" + homeserver)
}

func (h *homeserverFake) GhostIntent(user networkid.UserID) bridgev2.MatrixAPI {
	return &intentFake{home: h, user: h.FormatGhostMXID(user)}
}
func (h *homeserverFake) BotIntent() bridgev2.MatrixAPI { return &intentFake{home: h, user: botUser} }
func (h *homeserverFake) NewUserIntent(context.Context, id.UserID, string) (bridgev2.MatrixAPI, string, error) {
	return nil, "", nil
}

func (h *homeserverFake) SendBridgeStatus(_ context.Context, state *status.BridgeState) error {
	h.change(func() { h.states[state.RemoteID] = *state })
	return nil
}

func (h *homeserverFake) SendMessageStatus(context.Context, *bridgev2.MessageStatus, *bridgev2.MessageStatusEventInfo) {
}

func (h *homeserverFake) GetPowerLevels(context.Context, id.RoomID) (*event.PowerLevelsEventContent, error) {
	return &event.PowerLevelsEventContent{Users: map[id.UserID]int{botUser: 100}}, nil
}

func (h *homeserverFake) GetMembers(context.Context, id.RoomID) (map[id.UserID]*event.MemberEventContent, error) {
	return map[id.UserID]*event.MemberEventContent{}, nil
}

func (h *homeserverFake) GetMemberInfo(context.Context, id.RoomID, id.UserID) (*event.MemberEventContent, error) {
	return &event.MemberEventContent{}, nil
}

func (h *homeserverFake) change(act func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	act()
	close(h.changed)
	h.changed = make(chan struct{})
}

// put keeps an event and names it.
func (h *homeserverFake) put(one said) (sent *mautrix.RespSendEvent, err error) {
	h.change(func() {
		one.ID = id.EventID(fmt.Sprintf("$event%d", len(h.events)+1))
		h.events = append(h.events, one)
	})
	return &mautrix.RespSendEvent{EventID: one.ID}, nil
}

// store keeps a file and returns its address.
func (h *homeserverFake) store(data []byte) (address id.ContentURIString) {
	h.change(func() {
		address = id.ContentURIString(fmt.Sprintf("mxc://%s/file%d", homeserver, len(h.files)+1))
		h.files[address] = data
	})
	return address
}

// intentFake is one user of the homeserver.
type intentFake struct {
	bridgev2.MatrixAPI // what is not here is not called
	home               *homeserverFake
	user               id.UserID
}

func (i *intentFake) GetMXID() id.UserID   { return i.user }
func (i *intentFake) IsDoublePuppet() bool { return false }

func (i *intentFake) SendMessage(_ context.Context, room id.RoomID, kind event.Type, content *event.Content, _ *bridgev2.MatrixSendExtra) (*mautrix.RespSendEvent, error) {
	if _, isErrorNotice := content.Raw["fi.mau.bridge.internal_error"]; isErrorNotice {
		return &mautrix.RespSendEvent{}, nil // as the hub does
	}
	one := said{Room: room, Sender: i.user, Type: kind, Raw: content.Raw}
	switch parsed := content.Parsed.(type) {
	case *event.MessageEventContent:
		one.Content = parsed
	case *event.RedactionEventContent:
		one.Redacts = parsed.Redacts
	case *event.ReactionEventContent:
		one.Key, one.Redacts = parsed.RelatesTo.Key, parsed.RelatesTo.EventID
	}
	return i.home.put(one)
}

func (i *intentFake) SendState(_ context.Context, room id.RoomID, kind event.Type, _ string, content *event.Content, _ time.Time) (*mautrix.RespSendEvent, error) {
	return i.home.put(said{Room: room, Sender: i.user, Type: kind, State: content.Parsed})
}

func (i *intentFake) MarkTyping(context.Context, id.RoomID, bridgev2.TypingType, time.Duration) error {
	return nil
}

func (i *intentFake) UploadMedia(_ context.Context, _ id.RoomID, data []byte, _, _ string) (id.ContentURIString, *event.EncryptedFileInfo, error) {
	return i.home.store(data), nil, nil
}

func (i *intentFake) UploadMediaStream(_ context.Context, _ id.RoomID, _ int64, _ bool, take bridgev2.FileStreamCallback) (id.ContentURIString, *event.EncryptedFileInfo, error) {
	file, err := os.CreateTemp("", "telegram-test-*")
	if err != nil {
		return "", nil, err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	result, err := take(file)
	if err != nil {
		return "", nil, err
	}
	path := file.Name()
	if result.ReplacementFile != "" {
		path = result.ReplacementFile
		defer func() { _ = os.Remove(path) }()
	}
	data, err := os.ReadFile(path)
	return i.home.store(data), nil, err
}

func (i *intentFake) DownloadMediaToFile(_ context.Context, address id.ContentURIString, _ *event.EncryptedFileInfo, _ bool, use func(*os.File) error) error {
	i.home.mu.Lock()
	data, ok := i.home.files[address]
	i.home.mu.Unlock()
	if !ok {
		return fmt.Errorf("file on the homeserver: %w", errs.ErrNotFound)
	}
	file, err := os.CreateTemp("", "telegram-test-*")
	if err != nil {
		return err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	if _, err = file.Write(data); err != nil {
		return err
	} else if _, err = file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return use(file)
}

func (i *intentFake) SetDisplayName(_ context.Context, name string) error {
	i.home.change(func() { i.home.names[i.user] = name })
	return nil
}
func (i *intentFake) SetAvatarURL(context.Context, id.ContentURIString) error { return nil }
func (i *intentFake) SetExtraProfileMeta(context.Context, any) error          { return nil }
func (i *intentFake) SetProfile(context.Context, any) error                   { return nil }

func (i *intentFake) CreateRoom(_ context.Context, req *mautrix.ReqCreateRoom) (room id.RoomID, err error) {
	i.home.change(func() {
		i.home.rooms++
		room = id.RoomID(fmt.Sprintf("!room%d:%s", i.home.rooms, homeserver))
	})
	for _, state := range req.InitialState {
		_, err = i.home.put(said{Room: room, Sender: i.user, Type: state.Type, State: state.Content.Parsed})
	}
	if req.Name != "" {
		_, err = i.home.put(said{Room: room, Sender: i.user, Type: event.StateRoomName, State: &event.RoomNameEventContent{Name: req.Name}})
	}
	if req.Topic != "" {
		_, err = i.home.put(said{Room: room, Sender: i.user, Type: event.StateTopic, State: &event.TopicEventContent{Topic: req.Topic}})
	}
	return room, err
}

func (i *intentFake) EnsureJoined(context.Context, id.RoomID, ...bridgev2.EnsureJoinedParams) error {
	return nil
}
func (i *intentFake) EnsureInvited(context.Context, id.RoomID, id.UserID) error { return nil }
func (i *intentFake) TagRoom(context.Context, id.RoomID, event.RoomTag, bool) error {
	return nil
}
func (i *intentFake) MuteRoom(context.Context, id.RoomID, time.Time) error { return nil }

func (h *homeserverFake) GenerateDeterministicRoomID(networkid.PortalKey) id.RoomID { return "" }

func (i *intentFake) MarkRead(context.Context, id.RoomID, id.EventID, time.Time) error { return nil }

func (i *intentFake) DeleteRoom(context.Context, id.RoomID, bool) error { return nil }
