package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
)

// call is one request while the daemon works at it.
type call struct {
	e      *Emulator
	ctx    context.Context
	conn   *conn
	method string
	// key tells one message's tries apart from another message's: the method and its parameters.
	key string

	answer   object // nil: none, as for a notification
	cut      bool   // the connection breaks instead of an answer
	nonsense bool   // a line that is no JSON comes instead
	silent   bool   // nothing comes at all
	result   string // what every recipient's result says, if FailNextWith asked for it
	after    []func()
}

// finish does what must not happen before the answer is on its way.
func (c *call) finish() {
	for _, do := range c.after {
		do()
	}
}

// handler carries out a method for an account, with Emulator.mu held; a is nil for methods without one.
type handler func(c *call, a *business, p params) (any, error)

// scope says which account a method is for.
type scope int

const (
	single    scope = iota // one account on the daemon
	multi                  // none, or all
	either                 // one if it is named, else all
	newcomers              // a number that need not be on the daemon yet
)

type method struct {
	scope scope
	// keys are the parameters that the method has, as words of readParam. ref: reference/signal-cli.md §3
	keys string
	do   handler
	// unlocked methods block, and take Emulator.mu themselves.
	unlocked bool
}

const (
	targetKeys = "recipient* groupId* username* noteToSelf? notifySelf? "
	aboutKeys  = targetKeys + "targetAuthor targetTimestamp#! story? "
)

// methods lists all that the daemon can do here.
func methods() map[string]method {
	return map[string]method{
		"version":                {scope: multi, do: doVersion},
		"listAccounts":           {scope: multi, do: doListAccounts},
		"startLink":              {scope: multi, do: doStartLink},
		"finishLink":             {scope: multi, keys: "deviceLinkUri deviceName", do: doFinishLink, unlocked: true},
		"register":               {scope: newcomers, keys: "voice? captcha reregister?", do: doRegister},
		"verify":                 {scope: newcomers, keys: "verificationCode! pin", do: doVerify},
		"deleteLocalAccountData": {scope: newcomers, keys: "ignoreRegistered?", do: doDeleteLocal},
		"unregister":             {keys: "deleteAccount?", do: doUnregister},

		"subscribeReceive":   {scope: either, do: doSubscribe},
		"unsubscribeReceive": {scope: either, keys: "subscription#", do: doUnsubscribe},

		"send": {do: doSend, keys: targetKeys + "message attachment* viewOnce? voiceNote? mention* textStyle* " +
			"quoteTimestamp# quoteAuthor quoteMessage quoteMention* quoteTextStyle* quoteAttachment* " +
			"previewUrl previewTitle previewDescription previewImage sticker storyTimestamp# storyAuthor editTimestamp# " +
			"noUrgent? endSession?"},
		"sendReaction":               {keys: aboutKeys + "emoji! remove?", do: doReaction},
		"remoteDelete":               {keys: targetKeys + "targetTimestamp#!", do: doRemoteDelete},
		"sendAdminDelete":            {keys: "groupId* notifySelf? targetAuthor targetTimestamp#! story?", do: doAdminDelete},
		"sendPollCreate":             {keys: targetKeys + "question! option*! noMulti?", do: doPollCreate},
		"sendPollVote":               {keys: targetKeys + "pollAuthor pollTimestamp#! option#* voteCount#!", do: doPollVote},
		"sendPollTerminate":          {keys: targetKeys + "pollTimestamp#!", do: doPollTerminate},
		"sendPinMessage":             {keys: aboutKeys + "pinDuration#", do: doPin},
		"sendUnpinMessage":           {keys: aboutKeys, do: doUnpin},
		"sendTyping":                 {keys: "recipient* groupId* stop?", do: doTyping},
		"sendReceipt":                {keys: "recipient! targetTimestamp#*! type", do: doReceipt},
		"sendMessageRequestResponse": {keys: "recipient* groupId* username* type!", do: doRequestResponse},
		"sendSyncRequest":            {do: doSyncRequest},
		"sendContacts":               {do: doNothing},

		"getUserStatus": {keys: "recipient* username*", do: doUserStatus},
		"listContacts":  {keys: "recipient* allRecipients? blocked? name detailed? internal?", do: doListContacts},
		"updateContact": {keys: "recipient! name givenName familyName nickGivenName nickFamilyName note expiration#", do: doUpdateContact},
		"removeContact": {keys: "recipient! hide? forget?", do: doRemoveContact},
		"block":         {keys: "recipient* groupId*", do: doBlock},
		"unblock":       {keys: "recipient* groupId*", do: doUnblock},

		"listIdentities": {keys: "number", do: doListIdentities},
		"trust":          {keys: "recipient! trustAllKnownKeys? verifiedSafetyNumber", do: doTrust},

		"listGroups": {keys: "groupId* detailed?", do: doListGroups},
		"updateGroup": {do: doUpdateGroup, keys: "groupId name description avatar member* removeMember* admin* removeAdmin* ban* unban* " +
			"resetLink? link setPermissionAddMember setPermissionEditDetails setPermissionSendMessages expiration# " +
			"memberLabel memberLabelEmoji"},
		"joinGroup": {keys: "uri!", do: doJoinGroup},
		"quitGroup": {keys: "groupId! delete? admin*", do: doQuitGroup},

		"getAttachment": {keys: "id recipient groupId", do: doGetAttachment},
		"getAvatar":     {keys: "contact profile groupId", do: doGetAvatar},
		"getSticker":    {keys: "packId! stickerId#!", do: doGetSticker},

		"submitRateLimitChallenge": {keys: "challenge! captcha!", do: doChallenge},
		"updateProfile":            {keys: "givenName name familyName about aboutEmoji mobileCoinAddress avatar removeAvatar?", do: doUpdateProfile},
		"updateAccount": {do: doUpdateAccount, keys: "deviceName unrestrictedUnidentifiedSender? discoverableByNumber? numberSharing? " +
			"username deleteUsername?"},
		"updateConfiguration": {keys: "readReceipts? unidentifiedDeliveryIndicators? typingIndicators? linkPreviews?", do: doUpdateConfiguration},
		"listDevices":         {do: doListDevices},
		"removeDevice":        {keys: "deviceId#!", do: doRemoveDevice},
		"setPin":              {keys: "pin!", do: doSetPin},
		"removePin":           {do: doRemovePin},
	}
}

// dispatch finds the method and the account of a request and does it.
func (e *Emulator) dispatch(c *call, raw json.RawMessage) (any, error) {
	c.key = fmt.Sprintf("%s %x", c.method, sha256.Sum256(raw))
	p := readParams(c.method, raw)
	m, ok := methods()[c.method]
	if !ok {
		return nil, rpcError{Code: codeMethod, Message: "Method not implemented"}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.record.note(c.method, raw, p.unknown(m.keys))
	defer e.touch()
	if failure := e.injected(c.method); failure != nil {
		if err := failure.apply(c); err != nil || c.cut || c.nonsense {
			return nil, err
		}
		defer func() { c.cut = c.cut || failure.CutAfter }()
	}
	a, err := e.accountFor(m.scope, p)
	if err != nil {
		return nil, err
	}
	if err := p.check(m.keys); err != nil {
		return nil, err
	}
	if m.unlocked {
		e.mu.Unlock()
		defer e.mu.Lock()
	}
	result, err := m.do(c, a, p)
	if result == nil && err == nil {
		result = object{}
	}
	return result, err
}

// accountFor finds the account that a request is for. ref: reference/signal-cli.md §2, single and multi account
func (e *Emulator) accountFor(s scope, p params) (*business, error) {
	name := p.textOr("account")
	refuse := func(why string) (*business, error) { return nil, rpcError{Code: codeParams, Message: why} }
	switch {
	case s == multi:
		return nil, nil
	case s == newcomers && name == "":
		return refuse("Method requires account parameter")
	case s == newcomers && !isNumber(name):
		return refuse("Failed to load the given account")
	case s == newcomers, s == either && name == "":
		return nil, nil
	case name != "":
		if a := e.st.onDaemon(name); a != nil {
			return a, nil
		}
		return refuse("Specified account does not exist")
	}
	if all := e.st.daemonAccounts(); len(all) == 1 {
		return all[0], nil
	}
	return refuse("Method requires valid account parameter")
}

func asRPC(err error) rpcError {
	var r rpcError
	if errors.As(err, &r) {
		return r
	}
	return rpcError{Code: codeInternal, Message: "unexpected error (RuntimeException)"}
}

func doVersion(c *call, _ *business, _ params) (any, error) {
	return object{"version": c.e.opt.Version}, nil
}

func doNothing(*call, *business, params) (any, error) { return nil, nil }
