package emulator

import (
	"io"
	"net/http"
	"strings"

	"puente/core/base/clock"
)

// method is how one method of the API is answered. run is called with mu held, unless free.
type method struct {
	run  func(*call) (any, *refusal)
	free bool
}

// listMethods lists what is served, by names in lower case.
func (e *Emulator) listMethods() map[string]method {
	out := map[string]method{"getupdates": {run: (*call).getUpdates, free: true}}
	for _, group := range []map[string]func(*call) (any, *refusal){
		accountMethods(), sendMethods(), changeMethods(), chatMethods(), topicMethods(), businessMethods(),
	} {
		for name, run := range group {
			out[strings.ToLower(name)] = method{run: run}
		}
	}
	return out
}

func accountMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"getMe": (*call).getMe, "logOut": (*call).logOut, "close": (*call).closeBot,
		"setWebhook": (*call).setWebhook, "deleteWebhook": (*call).deleteWebhook, "getWebhookInfo": (*call).getWebhookInfo,
		"setMyCommands": (*call).setMyCommands, "getMyCommands": (*call).getMyCommands, "deleteMyCommands": (*call).deleteMyCommands,
		"getFile": (*call).getFile, "getStickerSet": (*call).getStickerSet,
		"getCustomEmojiStickers": (*call).getCustomEmojiStickers, "getForumTopicIconStickers": (*call).getForumTopicIconStickers,
		"answerCallbackQuery": (*call).answerCallbackQuery,
	}
}

func sendMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"sendMessage": (*call).sendMessage, "sendPhoto": (*call).sendPhoto, "sendLivePhoto": (*call).sendLivePhoto,
		"sendAudio": (*call).sendAudio, "sendDocument": (*call).sendDocument, "sendVideo": (*call).sendVideo,
		"sendAnimation": (*call).sendAnimation, "sendVoice": (*call).sendVoice, "sendVideoNote": (*call).sendVideoNote,
		"sendSticker": (*call).sendSticker, "sendMediaGroup": (*call).sendMediaGroup, "sendLocation": (*call).sendLocation,
		"sendVenue": (*call).sendVenue, "sendContact": (*call).sendContact, "sendPoll": (*call).sendPoll,
		"sendDice": (*call).sendDice, "sendChatAction": (*call).sendChatAction,
		"forwardMessage": (*call).forwardMessage, "forwardMessages": (*call).forwardMessages,
		"copyMessage": (*call).copyMessage, "copyMessages": (*call).copyMessages,
	}
}

func changeMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"editMessageText": (*call).editMessageText, "editMessageCaption": (*call).editMessageCaption,
		"editMessageMedia": (*call).editMessageMedia, "editMessageReplyMarkup": (*call).editMessageReplyMarkup,
		"editMessageLiveLocation": (*call).editMessageLiveLocation, "stopMessageLiveLocation": (*call).stopMessageLiveLocation,
		"stopPoll": (*call).stopPoll, "deleteMessage": (*call).deleteMessage, "deleteMessages": (*call).deleteMessages,
		"setMessageReaction": (*call).setMessageReaction, "pinChatMessage": (*call).pinChatMessage,
		"unpinChatMessage": (*call).unpinChatMessage, "unpinAllChatMessages": (*call).unpinAllChatMessages,
	}
}

func chatMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"getChat": (*call).getChat, "getChatMember": (*call).getChatMember, "getChatMemberCount": (*call).getChatMemberCount,
		"getChatAdministrators": (*call).getChatAdministrators, "getUserProfilePhotos": (*call).getUserProfilePhotos,
		"leaveChat": (*call).leaveChat, "setChatTitle": (*call).setChatTitle,
	}
}

func topicMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"createForumTopic": (*call).createForumTopic, "editForumTopic": (*call).editForumTopic,
		"closeForumTopic": (*call).closeForumTopic, "reopenForumTopic": (*call).reopenForumTopic,
		"deleteForumTopic": (*call).deleteForumTopic, "unpinAllForumTopicMessages": (*call).unpinAllForumTopicMessages,
	}
}

func businessMethods() map[string]func(*call) (any, *refusal) {
	return map[string]func(*call) (any, *refusal){
		"getBusinessConnection": (*call).getBusinessConnection, "readBusinessMessage": (*call).readBusinessMessage,
		"deleteBusinessMessages": (*call).deleteBusinessMessages,
	}
}

// serveCall answers one request to /bot<token>/<method>.
func (e *Emulator) serveCall(w http.ResponseWriter, r *http.Request, token, name string) {
	name = strings.TrimPrefix(name, "test/") // the test environment's paths
	e.mu.Lock()
	b := e.botOf(token)
	out := b != nil && e.clock.Now().Before(b.LoggedOut.Add(logOutLasts))
	e.mu.Unlock()
	m, known := e.methods[name]
	var refused *refusal
	switch {
	case b == nil:
		refused = unauthorized()
	case out:
		refused = bad("logged out")
	case !known:
		e.noteUnknown("method " + name)
		refused = &refusal{code: http.StatusNotFound, text: "Not Found: method not found"}
	}
	if refused != nil {
		drain(r)
		answerRefusal(w, refused)
		return
	}
	c := &call{e: e, b: b, method: name, r: r}
	given, uploads, refused := e.readFields(r)
	c.uploads = uploads
	if refused == nil {
		checks := checker{table: e.fields, unknown: e.noteUnknown}
		c.fields, refused = checks.check(name, given, uploads)
	}
	if refused != nil {
		drain(r)
		c.forgetUploads()
		e.keepCall(c, nil, refused)
		answerRefusal(w, refused)
		return
	}
	e.answerCall(w, c, m)
}

// maxDrain is how much of a refused request is still read.
const maxDrain = 256 << 20

// drain reads the rest of a request that is refused, so that whoever is still writing it sees the answer and not a
// broken connection.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrain)) }

// answerCall runs a checked call, with the failures that were asked for.
func (e *Emulator) answerCall(w http.ResponseWriter, c *call, m method) {
	injected := e.injected(c.method)
	if injected == nil {
		injected = e.magicFault(c)
	}
	if injected != nil && injected.Delay > 0 {
		_ = clock.Sleep(c.r.Context(), e.clock, injected.Delay) // whoever calls has given up if it ends early
	}
	if injected.refuses() {
		c.forgetUploads()
		e.keepCall(c, nil, &refusal{code: injected.Code, text: injected.Description})
		e.answerFault(w, injected)
		return
	}
	c.prepare()
	result, refused := c.run(m)
	c.forgetUploads()
	e.keepCall(c, result, refused)
	switch {
	case injected != nil && injected.Cut || c.lost:
		cutConnection(w)
	case refused != nil:
		answerRefusal(w, refused)
	default:
		answerResult(w, result)
	}
}

// run calls the method and makes what it answers safe to use after the lock is gone.
func (c *call) run(m method) (any, *refusal) {
	if m.free {
		return m.run(c)
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return m.run(c)
}

// prepare does what takes long with the uploads of a call, before it is run.
func (c *call) prepare() {
	switch c.method {
	case "sendphoto", "sendlivephoto", "sendmediagroup", "editmessagemedia":
	default:
		return
	}
	for name, u := range c.uploads {
		if u.file.Size > maxPhoto || !c.isPhoto(name) {
			continue
		}
		sizes, err := c.e.photoSizes(u.file)
		if err == nil {
			u.sizes = sizes
		} // else the upload is no picture, and whoever uses it as one says so
	}
}

// isPhoto tells whether an upload is used as a photo.
func (c *call) isPhoto(name string) bool {
	if name == "photo" {
		return true
	}
	reference := "attach://" + name
	if c.text("photo") == reference {
		return true
	}
	for _, item := range append(c.list("media"), any(c.object("media"))) {
		o, _ := item.(object)
		if o["type"] == "photo" && o["media"] == reference || o["photo"] == reference {
			return true
		}
	}
	return false
}

// forgetUploads removes the files of a call that became part of no message.
func (c *call) forgetUploads() {
	for _, u := range c.uploads {
		if !u.used {
			c.e.forget(u.file)
			c.e.forget(u.sizes...)
		}
	}
}
