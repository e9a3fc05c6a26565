package bridgetest

import (
	"bytes"
	"image"
	_ "image/jpeg" // for converted pictures and avatars
	_ "image/png"  // for converted pictures and avatars
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
	"puente/core/testkit/sample"
)

func fileInChecks() []Check {
	checks := make([]Check, 0, 16)
	for _, kind := range fileKinds() {
		checks = append(checks, Check{
			Name: kind.name + "Arrives", Says: "A customer's " + string(kind.feature) + " arrives as one, byte for byte or converted to what clients show.",
			run: func(c *trial) { checkFileIn(c, kind) },
		})
	}
	return append(
		checks,
		Check{Name: "CaptionsStandWithTheirFiles", Says: "What a customer writes under a file stands with it, and the file keeps its name.", run: checkCaptionIn},
		Check{Name: "AnAlbumArrivesInOrder", Says: "Several pictures sent at once arrive all, in order.", run: checkAlbumIn},
		Check{Name: "ABrokenImageFallsBackToAFile", Says: "A picture that nobody can decode arrives as a file.", run: func(c *trial) {
			checkBrokenIn(c, network.FeatureImage, "image/jpeg")
		}},
		Check{Name: "ABrokenStickerFallsBackToAFile", Says: "A sticker that nobody can decode arrives as a file.", run: func(c *trial) {
			checkBrokenIn(c, network.FeatureSticker, "image/webp")
		}},
		Check{Name: "AFileThatIsTooLargeIsSaid", Says: "A file that the provider does not hand over is told by a notice.", run: checkTooLargeIn},
	)
}

// fileKind is one kind of file that customers send.
type fileKind struct {
	name    string
	feature network.Feature
	mime    string
	data    func() ([]byte, error)
	// matrix is what it is for a Matrix client; empty: a sticker. also is another way to show it.
	matrix, also event.MessageType
	exact        bool // nothing is to be converted
}

func fixed(make func() []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return make(), nil }
}

func page() []byte { return sample.PagePDF("A page of the suite") }

func fileKinds() []fileKind {
	return []fileKind{
		{name: "AnImage", feature: network.FeatureImage, mime: "image/jpeg", data: sample.PhotoJPEG, matrix: event.MsgImage},
		{name: "AVideo", feature: network.FeatureVideo, mime: "video/mp4", data: fixed(sample.FilmMP4), matrix: event.MsgVideo},
		{name: "AVideoNote", feature: network.FeatureVideoNote, mime: "video/mp4", data: fixed(sample.FilmMP4), matrix: event.MsgVideo},
		{name: "ASound", feature: network.FeatureAudio, mime: "audio/mpeg", data: fixed(sample.SongMP3), matrix: event.MsgAudio},
		{name: "AVoiceMessage", feature: network.FeatureVoice, mime: "audio/ogg; codecs=opus", data: fixed(sample.VoiceOpus), matrix: event.MsgAudio},
		{name: "AFile", feature: network.FeatureFile, mime: "application/pdf", data: fixed(page), matrix: event.MsgFile, exact: true},
		{name: "ASticker", feature: network.FeatureSticker, mime: "image/webp", data: sample.StillSticker},
		{name: "AnAnimatedSticker", feature: network.FeatureAnimatedSticker, mime: "image/webp", data: sample.AnimatedSticker, also: event.MsgVideo},
	}
}

func (k fileKind) file(c *trial) File {
	c.t.Helper()
	data, err := k.data()
	c.must(err)
	file := File{Kind: k.feature, Data: data, MIME: k.mime}
	if k.feature == network.FeatureFile {
		file.Name = "Factura año " + c.words.tag() + ".pdf"
	}
	return file
}

// fits tells whether an event is this kind of file as a Matrix client knows it.
func (k fileKind) fits(evt *event.Event, msg *event.MessageEventContent) bool {
	switch {
	case msg.URL == "":
		return false
	case k.matrix == "":
		return evt.Type == event.EventSticker || k.also != "" && msg.MsgType == k.also
	}
	return evt.Type == event.EventMessage && msg.MsgType == k.matrix && (k.feature != network.FeatureVoice || msg.MSC3245Voice != nil)
}

func checkFileIn(c *trial, kind fileKind) {
	file := kind.file(c)
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, Send{File: file})
	switch {
	case !known && !c.receives(kind.feature):
		c.notApplicable("customers cannot send it")
		return
	case !known:
		c.t.Fatal("it is declared, but customers cannot send it")
	case !c.receives(kind.feature):
		c.shownAsNotice(mark)
		return
	}
	msg := c.sees("the "+string(kind.feature), mark, c.fromAna(kind.fits)).Content.AsMessage()
	data, err := c.bob.Download(c.ctx, msg)
	c.must(err)
	if kind.exact && !bytes.Equal(data, file.Data) {
		c.t.Errorf("%d bytes were sent, and %d others came", len(file.Data), len(data))
	}
	if len(data) == 0 || msg.Info == nil || msg.Info.Size != len(data) || msg.Info.MimeType == "" {
		c.t.Errorf("the file of %d bytes is described as %+v", len(data), msg.Info)
	}
	if !bytes.Equal(data, file.Data) {
		c.note = "converted to " + msg.Info.MimeType
	}
	if kind.feature == network.FeatureImage {
		c.samePicture(file.Data, data)
	}
	if file.Name != "" && msg.GetFileName() != file.Name {
		c.t.Errorf("the file %q is called %q", file.Name, msg.GetFileName())
	}
}

// samePicture checks that a picture which may have been converted, or made smaller, has kept its shape.
func (c *trial) samePicture(before, after []byte) {
	c.t.Helper()
	if bytes.Equal(before, after) {
		return
	}
	was, _, err := image.DecodeConfig(bytes.NewReader(before))
	c.must(err)
	is, _, err := image.DecodeConfig(bytes.NewReader(after))
	if err != nil {
		c.t.Errorf("the converted picture cannot be shown: %v", err)
		return
	}
	// A pixel more or less is what rounding makes.
	if off := was.Width*is.Height - was.Height*is.Width; off > was.Width+was.Height || -off > was.Width+was.Height {
		c.t.Errorf("a picture of %d by %d came as one of %d by %d", was.Width, was.Height, is.Width, is.Height)
	}
}

// shownAsNotice checks that what the network does not declare was not passed over in silence.
func (c *trial) shownAsNotice(mark int) {
	c.t.Helper()
	if !c.visible(mark) {
		c.t.Error("it came from the customer, is not declared, and nothing in the room tells of it")
	}
	c.refused()
}

func checkCaptionIn(c *trial) {
	tried := 0
	for _, kind := range fileKinds() {
		if !c.receives(kind.feature) {
			continue
		}
		file, caption := kind.file(c), c.words.phrase("caption of the "+string(kind.feature))
		mark := c.bob.Mark()
		if _, known := c.tries(c.ana, Send{File: file, Caption: caption}); !known {
			continue
		}
		tried++
		msg := c.sees("the caption with its file", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.URL != "" && msg.Body == caption
		})).Content.AsMessage()
		if msg.FileName == "" || msg.FileName == caption || file.Name != "" && msg.FileName != file.Name {
			c.t.Errorf("with a caption, the file %q is called %q", file.Name, msg.FileName)
		}
	}
	if tried == 0 {
		c.notApplicable("customers write nothing under files")
	}
}

func checkAlbumIn(c *trial) {
	first, err := sample.PhotoJPEG()
	c.must(err)
	second, err := sample.PhotoPNG()
	c.must(err)
	caption := c.words.phrase("caption of the album")
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, SendAlbum{Caption: caption, Files: []File{
		{Kind: network.FeatureImage, Data: first, MIME: "image/jpeg"}, {Kind: network.FeatureVideo, Data: sample.FilmMP4(), MIME: "video/mp4"},
		{Kind: network.FeatureImage, Data: second, MIME: "image/png"},
	}})
	switch {
	case !known && !c.receives(network.FeatureAlbum):
		c.notApplicable("customers cannot send it")
		return
	case !known:
		c.t.Fatal("it is declared, but customers cannot send it")
	}
	var kinds []string
	var body string
	c.sees("all three", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		if msg.URL != "" {
			kinds = append(kinds, string(msg.MsgType))
			body += msg.Body + "\n"
		}
		return len(kinds) == 3
	}))
	if got := strings.Join(kinds, " "); got != "m.image m.video m.image" || !strings.Contains(body, caption) {
		c.t.Errorf("the album came as %s with the words %q", got, body)
	}
}

func checkBrokenIn(c *trial, feature network.Feature, mime string) {
	if !c.receives(feature) {
		c.notApplicable("the network does not carry it")
		return
	}
	broken := []byte("this is no picture at all, " + c.words.tag())
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, Send{File: File{Kind: feature, Data: broken, MIME: mime}}); !known {
		c.notApplicable("the provider takes nothing that is broken")
		return
	}
	msg := c.sees("the broken file", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.URL != ""
	})).Content.AsMessage()
	data, err := c.bob.Download(c.ctx, msg)
	c.must(err)
	if msg.MsgType != event.MsgFile || !bytes.Equal(data, broken) {
		c.t.Errorf("a broken %s came as %q with %d of %d bytes", feature, msg.MsgType, len(data), len(broken))
	}
}

func checkTooLargeIn(c *trial) {
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, SendTooLarge{}); !known {
		c.notApplicable("the provider hands over whatever customers can send")
		return
	}
	msg := c.sees("a notice about the file", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice
	})).Content.AsMessage()
	if len(msg.Body) < aReason {
		c.t.Errorf("a file that is too large is told by %q", msg.Body)
	}
}
