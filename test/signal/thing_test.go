package signal_test

import (
	"bytes"
	"fmt"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

func TestTheFirstContactIsAcceptedByAnAnswer(t *testing.T) {
	w := build(t, func(c *signal.Config, _ *emulator.Options) { c.MessageRequests = "on-answer" })
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	w.alice.notice(room, 0, "First contact")
	if w.emulator.Calls("sendMessageRequestResponse") != 0 {
		t.Error("accepted before an answer")
	}
	w.alice.say(room, "welcome")
	ana.gets("welcome")
	w.must(w.alice.MarkRead(w.ctx, room, ana.arrives("and now").ID))
	ana.sees("that it was read", func(m emulator.Message) bool { return m.Text == "and now" && m.State(w.business) == emulator.Read })
}

func TestWhatOnlyAPhoneCanShowIsTold(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	mark := w.alice.Mark()
	_, err := ana.SendFiles("", []emulator.File{emulator.Sample("photo.jpg")}, emulator.Once())
	w.must(err)
	w.alice.notice(room, mark, "viewed once")
	_, err = ana.SendPayment("for the lamp")
	w.must(err)
	w.alice.notice(room, mark, "payment")
	_, err = ana.PostStory(nil, "a story")
	w.must(err)
	w.alice.notice(room, mark, "story")
	_, err = ana.SendUndecryptable(false)
	w.must(err)
	w.alice.notice(room, mark, "could not be decrypted")
	_, err = ana.SendUndecryptable(true) // of nobody: kept as failed
	w.must(err)
	ref := ana.says("to be pinned")
	w.must(ana.Pin(ref, 60))
	w.alice.notice(room, mark, "pinned")
	w.must(ana.Unpin(ref))
	w.alice.notice(room, mark, "off the pins")
	w.must(ana.SetTimer(7 * 24 * 3600))
	w.alice.notice(room, mark, "1 week")
	w.must(ana.SetTimer(0))
	w.alice.notice(room, mark, "turned off")
	w.alice.asks(w.front, "failed", "unknown sender")
	ana.arrives("still goes on")
}

func TestMessagesDisappearInMatrixToo(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	mark := w.alice.Mark()
	w.must(ana.SetTimer(2))
	w.alice.notice(room, mark, "2 seconds")
	hers := ana.arrives("hers vanishes")
	w.must(w.alice.MarkRead(w.ctx, room, hers.ID))
	w.alice.sees("hers vanishing", mark, person.Redaction(hers.ID))
	sent := w.alice.say(room, "ours vanishes")
	ana.gets("ours vanishes")
	w.must(ana.ReadAll())
	w.alice.sees("ours vanishing", mark, person.Redaction(sent))
}

func TestAnAgentVotesAndChangesTheVote(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	ref, err := ana.SendPoll("Which?", []string{"Blue", "Red"}, false)
	w.must(err)
	poll := w.alice.sees("the poll", 0, func(evt *event.Event) bool { return evt.Type == event.EventUnstablePollStart && evt.RoomID == room })
	answers := poll.Content.Raw["org.matrix.msc3381.poll.start"].(map[string]any)["answers"].([]any)
	for n, want := range []int{1, 0} {
		w.alice.send(room, event.EventUnstablePollResponse, &event.PollResponseEventContent{
			RelatesTo: event.RelatesTo{Type: event.RelReference, EventID: poll.ID},
			Response:  event.PollResponse{Answers: []string{answers[want].(map[string]any)["id"].(string)}},
		})
		ana.sees(fmt.Sprintf("vote %d", n), func(m emulator.Message) bool {
			return m.Poll != nil && len(m.Poll.Votes) == 1 && m.Poll.Votes[0].Options[0] == want
		})
	}
	w.must(ana.ClosePoll(ref))
	w.alice.sees("the end", 0, func(evt *event.Event) bool { return evt.Type.Type == "org.matrix.msc3381.poll.end" })
}

func TestLargeFilesComeAndGoWhole(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	data := make([]byte, 12<<20)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	_, err := ana.SendFiles("", []emulator.File{{Data: data, Mime: "application/x-lamp", Name: "lamp.bin"}})
	w.must(err)
	got := w.alice.sees("the file", 0, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.MsgType == event.MsgFile }))
	back, err := w.alice.Download(w.ctx, got.Content.AsMessage())
	w.must(err)
	if !bytes.Equal(back, data) {
		t.Errorf("%d bytes came as %d", len(data), len(back))
	}
	content, err := w.alice.Upload(w.ctx, event.MsgFile, "back.bin", "application/x-lamp", data)
	w.must(err)
	w.alice.send(room, event.EventMessage, content)
	shown := ana.sees("the file", func(m emulator.Message) bool { return m.Author == w.business && len(m.Files) == 1 })
	raw, err := w.emulator.FileContent(shown.Files[0].ID)
	w.must(err)
	if !bytes.Equal(raw, data) || shown.Files[0].Name != "back.bin" {
		t.Errorf("%q came with %d bytes", shown.Files[0].Name, len(raw))
	}
}
