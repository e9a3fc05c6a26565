package bridgetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
)

func fileOutChecks() []Check {
	var checks []Check
	for _, kind := range agentKinds() {
		checks = append(checks, Check{
			Name: kind.name + "IsSentOrRefused", Says: "An agent's " + string(kind.feature) + " arrives as one, or is refused with a reason if the network does not declare it.",
			run: func(c *trial) { checkFileOut(c, kind) },
		})
	}
	return append(
		checks,
		Check{Name: "CaptionsReachThePhone", Says: "The words under a file arrive with it where that is declared, and are refused where that is.", run: checkCaptionOut},
		Check{Name: "ALongCaptionIsNotLost", Says: "Words that are too long for a caption arrive all the same, or are refused with a reason.", run: checkLongCaptionOut},
		Check{
			Name: "AFileThatIsTooLargeIsRefusedWithTheLimit",
			Says: "A file over the declared size is refused, and the reason names the limit.",
			run:  checkTooLargeOut,
		},
		Check{Name: "AFileOfAnUndeclaredTypeIsRefused", Says: "A file of a type that the network does not declare is refused with a reason.", run: checkTypeOut},
		Check{Name: "AnEmptyFileIsRefusedOrArrives", Says: "A file without a byte is not lost in silence.", run: checkEmptyOut},
		Check{Name: "AnAgentsBrokenImageFallsBackToAFile", Says: "A picture of an agent's that nobody can decode arrives as a file.", run: func(c *trial) {
			checkBrokenOut(c, event.MsgImage, "image/jpeg")
		}},
		Check{Name: "AnAgentsBrokenStickerFallsBackToAFile", Says: "A sticker of an agent's that nobody can decode arrives as a file.", run: func(c *trial) {
			checkBrokenOut(c, event.CapMsgSticker, "image/webp")
		}},
	)
}

// agentKind is one kind of file that agents send.
type agentKind struct {
	name     string
	feature  network.Feature // how the phone shows it
	capMsg   event.MessageType
	mime     string
	fileName string
	data     func() ([]byte, error)
}

func agentKinds() []agentKind {
	return []agentKind{
		{name: "AnAgentsImage", feature: network.FeatureImage, capMsg: event.MsgImage, mime: "image/png", fileName: "lamp.png", data: sample.PhotoPNG},
		{name: "AnAgentsVideo", feature: network.FeatureVideo, capMsg: event.MsgVideo, mime: "video/mp4", fileName: "film.mp4", data: fixed(sample.FilmMP4)},
		{name: "AnAgentsSound", feature: network.FeatureAudio, capMsg: event.MsgAudio, mime: "audio/mpeg", fileName: "song.mp3", data: fixed(sample.SongMP3)},
		{name: "AnAgentsVoiceMessage", feature: network.FeatureVoice, capMsg: event.CapMsgVoice, mime: "audio/ogg", fileName: "voice.ogg", data: fixed(sample.VoiceOpus)},
		{name: "AnAgentsFile", feature: network.FeatureFile, capMsg: event.MsgFile, mime: "application/pdf", fileName: "Factura año.pdf", data: fixed(page)},
		{name: "AnAgentsSticker", feature: network.FeatureSticker, capMsg: event.CapMsgSticker, mime: "image/webp", fileName: "Sticker", data: sample.StillSticker},
	}
}

// message uploads the kind's file and makes the message that bob's client would.
func (c *trial) message(capMsg event.MessageType, name, mime string, data []byte) (event.Type, *event.MessageEventContent) {
	c.t.Helper()
	msgType, kind := capMsg, event.EventMessage
	switch capMsg {
	case event.CapMsgVoice:
		msgType = event.MsgAudio
	case event.CapMsgSticker:
		msgType, kind = "", event.EventSticker
	}
	content, err := c.bob.Upload(c.ctx, msgType, name, mime, data)
	c.must(err)
	content.Mentions = &event.Mentions{}
	if capMsg == event.CapMsgVoice {
		content.MSC3245Voice = &event.MSC3245Voice{}
	}
	return kind, content
}

// level is how the chat with one customer takes this kind of file.
func (c *trial) level(capMsg event.MessageType, mime string) event.CapabilitySupportLevel {
	features, ok := c.features().File[capMsg]
	if !ok {
		return event.CapLevelRejected
	}
	return features.GetMimeSupport(mime)
}

func checkFileOut(c *trial, kind agentKind) {
	data, err := kind.data()
	c.must(err)
	earlier := len(c.now(c.ana).Messages)
	sent := c.sends(c.message(kind.capMsg, kind.fileName, kind.mime, data))
	if c.level(kind.capMsg, kind.mime).Reject() {
		c.mustRefuse("a "+string(kind.feature), sent)
		c.refused()
		return
	}
	got := c.newFile("the "+string(kind.feature), earlier)
	switch {
	case got.Kind == kind.feature:
	case kind.feature == network.FeatureSticker && got.Kind == network.FeatureImage && !c.level(kind.capMsg, kind.mime).Full():
		c.note = "as a picture"
	default:
		c.t.Errorf("it came as %s, %s", got.Kind, got.File.MIME)
	}
	if kind.feature == network.FeatureFile && (got.File.Data != nil && !bytes.Equal(got.File.Data, data) || got.File.Name != kind.fileName) {
		c.t.Errorf("the file of %d bytes came with %d as %q", len(data), len(got.File.Data), got.File.Name)
	}
	if kind.feature == network.FeatureImage && got.File.Data != nil {
		c.samePicture(data, got.File.Data)
	}
	if got.Text != "" && got.Text != kind.fileName {
		c.t.Errorf("the file came with the words %q", got.Text)
	}
	c.mustSucceed(sent)
}

// newFile waits until the phone shows a file that stands behind so many earlier messages.
func (c *trial) newFile(what string, earlier int) (found Message) {
	c.t.Helper()
	c.phone(c.ana, what, func(p Phone) bool {
		for _, m := range p.Messages[min(earlier, len(p.Messages)):] {
			if m.FromBusiness && m.File != nil {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func checkCaptionOut(c *trial) {
	var notes []string
	for _, kind := range agentKinds() {
		features := c.features().File[kind.capMsg]
		if c.level(kind.capMsg, kind.mime).Reject() || kind.capMsg == event.CapMsgSticker {
			continue
		}
		data, err := kind.data()
		c.must(err)
		caption := c.words.phrase("caption of the " + string(kind.feature))
		eventType, content := c.message(kind.capMsg, kind.fileName, kind.mime, data)
		content.FileName, content.Body = kind.fileName, caption
		earlier := len(c.now(c.ana).Messages)
		sent := c.sends(eventType, content)
		switch {
		case features.Caption.Reject():
			c.mustRefuse("a caption of a "+string(kind.feature), sent)
			notes = append(notes, string(kind.feature)+" refused")
		case features.Caption.Partial():
			c.shows(c.ana, "the words", func(m Message) bool { return m.FromBusiness && strings.Contains(m.Text, caption) })
			c.newFile("the file", earlier)
		default:
			c.newFile("the file", earlier)
			notes = append(notes, string(kind.feature)+" without its words, as declared")
		}
	}
	c.note = strings.Join(notes, ", ")
}

func checkLongCaptionOut(c *trial) {
	features := c.features().File[event.MsgImage]
	if features == nil || !features.Caption.Partial() || features.MaxCaptionLength == 0 || features.MaxCaptionLength > mostText {
		c.notApplicable("the network declares no limit")
		return
	}
	data, err := sample.PhotoPNG()
	c.must(err)
	caption := c.words.long(features.MaxCaptionLength + 1)
	eventType, content := c.message(event.MsgImage, "lamp.png", "image/png", data)
	content.FileName, content.Body = "lamp.png", caption
	if _, arrived := c.arrivesOrIsRefused(c.sends(eventType, content), func(p Phone) bool { return p.holds(caption) }); arrived {
		c.note = "it arrives whole"
	}
}

// arrivesOrIsRefused waits until a fact holds for ana's phone, or until the message is refused with a reason.
func (c *trial) arrivesOrIsRefused(sent id.EventID, fact func(Phone) bool) (answer string, arrived bool) {
	c.t.Helper()
	ctx, cancel := c.waiting()
	arrival, refusal := make(chan bool, 1), make(chan string, 1)
	var both sync.WaitGroup
	both.Go(func() {
		_, err := c.ana.Wait(ctx, fact)
		arrival <- err == nil
	})
	both.Go(func() {
		seen, err := c.bob.Sees(ctx, 0, "a refusal", person.AnswerTo(sent))
		if err != nil {
			refusal <- ""
			return
		}
		refusal <- seen.Content.AsMessage().Body
	})
	defer both.Wait()
	defer cancel()
	for range 2 {
		select {
		case arrived = <-arrival:
		case answer = <-refusal:
		}
		if arrived {
			return "", true
		} else if answer != "" {
			c.inWords("it", answer, "Not delivered: ")
			c.refused()
			return answer, false
		}
	}
	c.t.Fatal("it did not arrive, and nobody was told")
	return "", false
}

func checkTooLargeOut(c *trial) {
	features := c.features().File[event.MsgFile]
	if features == nil || features.MaxSize == 0 {
		c.notApplicable("the network declares no limit")
		return
	}
	eventType, content := c.message(event.MsgFile, "huge.pdf", "application/pdf", page())
	content.Info.Size = int(features.MaxSize) + 1
	answer := c.mustRefuse("a file that is too large", c.sends(eventType, content))
	if !namesSize(answer, features.MaxSize) {
		c.t.Errorf("a file that is too large is answered by %q, without the limit of %d bytes", answer, features.MaxSize)
	}
}

// namesSize tells whether the text names a number of bytes, in one of the units that people read.
func namesSize(text string, size int64) bool {
	for _, spelling := range []string{
		fmt.Sprintf("%.1f MiB", float64(size)/(1<<20)), fmt.Sprintf("%d MiB", size>>20), fmt.Sprintf("%d MB", size>>20),
		fmt.Sprintf("%d MB", size/1_000_000), fmt.Sprintf("%d KiB", size>>10), fmt.Sprintf("%d kB", size/1000), fmt.Sprintf("%d bytes", size),
	} {
		if strings.Contains(text, spelling) {
			return true
		}
	}
	return false
}

func checkTypeOut(c *trial) {
	const strange = "video/x-suite"
	for _, kind := range agentKinds() {
		if !c.level(kind.capMsg, kind.mime).Reject() && c.level(kind.capMsg, strange).Reject() {
			c.mustRefuse("a "+strange, c.sends(c.message(kind.capMsg, "strange.bin", strange, page())))
			c.refused()
			return
		}
	}
	c.notApplicable("every declared kind takes every type, or converts it")
}

func checkEmptyOut(c *trial) {
	earlier := len(c.now(c.ana).Messages)
	eventType, content := c.message(event.MsgFile, "empty.bin", "application/octet-stream", []byte{})
	c.arrivesOrIsRefused(c.sends(eventType, content), func(p Phone) bool {
		for _, m := range p.Messages[min(earlier, len(p.Messages)):] {
			if m.FromBusiness && m.File != nil {
				return true
			}
		}
		return false
	})
}

func checkBrokenOut(c *trial, capMsg event.MessageType, mime string) {
	broken := []byte("this is no picture at all, " + c.words.tag())
	earlier := len(c.now(c.ana).Messages)
	sent := c.sends(c.message(capMsg, "broken.bin", mime, broken))
	if c.level(capMsg, mime).Reject() || c.level(event.MsgFile, "application/octet-stream").Reject() {
		c.mustRefuse("a broken file", sent)
		c.refused()
		return
	}
	got := c.newFile("the broken file", earlier)
	if got.Kind != network.FeatureFile || got.File.Data != nil && !bytes.Equal(got.File.Data, broken) {
		c.t.Errorf("it came as %s with %d of %d bytes", got.Kind, len(got.File.Data), len(broken))
	}
}
