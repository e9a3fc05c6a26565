package signal_test

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/skip2/go-qrcode"
	"maunium.net/go/mautrix/event"

	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

// onlyOnAPhone is an account that the daemon does not have yet.
func onlyOnAPhone(_ *signal.Config, o *emulator.Options) { o.Accounts, o.Phones = nil, o.Accounts }

var linkCode = regexp.MustCompile("sgnl://[^\\s`]+")

// link asks @puente to link a phone and returns the picture of the code, and the code that stands below it.
func (w *world) link() (picture *event.Event, code string) {
	w.tb.Helper()
	mark := w.alice.Mark()
	w.alice.say(w.front, "login signal link")
	code = linkCode.FindString(w.alice.notice(w.front, mark, "sgnl://"))
	return w.alice.sees("the picture of a code", mark, person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == w.front && evt.Sender == w.opts.Front() && msg.MsgType == event.MsgImage
	})), code
}

func TestLinkByScanningTheCode(t *testing.T) {
	w := build(t, onlyOnAPhone)
	picture, code := w.link()
	shown, err := w.alice.Download(w.ctx, picture.Content.AsMessage())
	w.must(err)
	want, err := qrcode.Encode(code, qrcode.Medium, 512)
	w.must(err)
	if !bytes.Equal(shown, want) {
		t.Errorf("the picture of %d bytes is not the QR code of %q", len(shown), code)
	}
	if info := picture.Content.AsMessage().Info; info == nil || info.MimeType != "image/png" || info.Width != 512 || info.Height != 512 {
		t.Errorf("the picture is described as %+v", info)
	}
	if taken := w.alice.Seen(0, person.Redaction(picture.ID)); len(taken) != 0 {
		t.Error("the code was taken away before it was scanned")
	}
	w.must(w.emulator.Scan(code, ownNumber))
	w.alice.notice(w.front, 0, "Connected", "…"+ownNumber[len(ownNumber)-3:])
	w.alice.sees("that the picture is taken away", 0, person.Redaction(picture.ID))
	w.alice.notice(w.alice.operatorsRoom(), 0, "Signal", w.business, "is connected")
	ana := w.customer("Ana")
	w.alice.say(ana.opens(), "from the linked device")
	ana.gets("from the linked device")
}

func TestUnlinkingOnThePhoneTellsWhatToDo(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	operators := w.alice.operatorsRoom()
	w.alice.notice(operators, 0, w.business, "is connected")
	mark := w.alice.Mark()
	w.must(w.emulator.Unlink(ownNumber))
	sent := w.alice.say(room, "to nobody")
	w.alice.notice(room, mark, "no longer linked", "login signal link")
	w.alice.sees("the failure", mark, person.Status(sent, event.MessageStatusFail))
	w.alice.notice(operators, mark, w.business, "does not work any more", "removed on the phone", "login signal link")
	_, code := w.link()
	w.must(w.emulator.Scan(code, ownNumber))
	w.alice.notice(w.front, mark, "Connected")
	w.alice.notice(operators, mark, w.business, "works again")
	w.alice.say(room, "linked again")
	ana.gets("linked again")
}

func TestACodeThatNobodyScansInTimeIsTakenAway(t *testing.T) {
	w := build(t, func(_ *signal.Config, o *emulator.Options) { o.LinkTimeout = time.Second })
	picture, _ := w.link()
	w.alice.notice(w.front, 0, "not scanned in time")
	w.alice.sees("that the picture is taken away", 0, person.Redaction(picture.ID))
}

func TestAnAccountThatTheDaemonHasCannotBeLinked(t *testing.T) {
	w := build(t)
	_, code := w.link()
	w.must(w.emulator.Scan(code, ownNumber))
	w.alice.notice(w.front, 0, "login signal existing")
}

func TestRegisterANumber(t *testing.T) {
	w := build(t)
	const fresh = "+4930555070001"
	w.emulator.SetPIN(fresh, "1234")
	for _, step := range [][2]string{
		{"login signal register", "Phone number"}, {fresh, "Captcha"}, {"signalcaptcha://wrong", "does not take this captcha"},
		{"signalcaptcha://good", "Code"}, {"call me", "does not call yet"}, {"000000", "does not take this code"},
	} {
		w.alice.asks(w.front, step[0], step[1])
	}
	w.alice.asks(w.front, w.emulator.VerificationCode(fresh), "PIN")
	w.alice.asks(w.front, "9999", "not the number's PIN")
	w.alice.asks(w.front, "1234", "Connected")
}

func TestEachAccountHasItsOwnRooms(t *testing.T) {
	const second = "+4930555078399"
	w := build(t, func(_ *signal.Config, o *emulator.Options) {
		o.Accounts = append(o.Accounts, emulator.Account{Number: second, Name: "Other Shop"})
	})
	w.connect()
	w.alice.asks(w.front, "login signal existing", "Phone number")
	w.alice.asks(w.front, second, "Connected")
	ana := w.customer("Ana")
	room := ana.opens()
	other, err := w.emulator.Chat(ana.ACI, second)
	w.must(err)
	_, err = other.SendText("to the other shop")
	w.must(err)
	elsewhere := w.alice.text("to the other shop").RoomID
	if elsewhere == room {
		t.Fatal("both accounts share a room")
	}
	w.alice.say(elsewhere, "from the other shop")
	ana.sees("the answer", func(m emulator.Message) bool { return m.Text == "from the other shop" && m.Author != w.business })
}
