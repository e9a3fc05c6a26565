package encryption

import (
	"bytes"
	"io"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/phone"
	"puente/core/hub"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
	"puente/test/company"
)

// TestFilesComeAsTheyWere: a file is the same bytes at its far end, and the homeserver has others.
func TestFilesComeAsTheyWere(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionDefault)
	photo, err := sample.PhotoJPEG()
	w.must(err)
	for _, network := range company.Networks() {
		w.sub(network.DisplayName, func() {
			c := w.opens(network.ID)
			if network.ID != "telegram" { // which makes pictures of its own of those that it gets
				w.sub("APictureToTheAgents", func() { c.fileIn("image", event.MsgImage, "lamp.jpg", "image/jpeg", photo) })
				w.sub("APictureToTheCustomer", func() { c.fileOut("image", event.MsgImage, "shop.jpg", "image/jpeg", photo) })
			}
			page := sample.PagePDF("Invoice " + network.ID)
			w.sub("ADocumentToTheAgents", func() { c.fileIn("file", event.MsgFile, "invoice.pdf", "application/pdf", page) })
			w.sub("ADocumentToTheCustomer", func() { c.fileOut("file", event.MsgFile, "offer.pdf", "application/pdf", page) })
		})
	}
}

// fileIn has the customer send a file, and compares what Bob can download.
func (c *conversation) fileIn(what string, kind event.MessageType, name, mime string, data []byte) {
	c.w.Helper()
	c.does(phone.Gesture{Kind: phone.SendFile, File: &phone.Upload{Name: name, Mime: mime, Content: data}})
	evt := c.w.bob.sees("the "+what, c.inRoom(person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == kind && evt.Sender == c.ghost
	})))
	msg := evt.Content.AsMessage()
	if msg.File == nil || msg.URL != "" {
		c.w.Errorf("the file is not encrypted: %+v", msg)
	}
	got, err := c.w.bob.Download(c.w.ctx, evt)
	c.w.must(err)
	if !bytes.Equal(got, data) {
		c.w.Errorf("%d bytes came of %d", len(got), len(data))
	}
}

// fileOut has Alice send a file, and compares what the phone can open.
func (c *conversation) fileOut(what string, kind event.MessageType, name, mime string, data []byte) {
	c.w.Helper()
	content, err := c.w.alice.Attach(c.w.ctx, c.room, kind, name, mime, data)
	c.w.must(err)
	if content.File == nil {
		c.w.Fatalf("the agent's client did not encrypt the file: %+v", content)
	}
	_, err = c.w.alice.Send(c.w.ctx, c.room, event.EventMessage, content)
	c.w.must(err)
	shown := c.arrives("the "+what, func(m phone.Message) bool { return m.File != nil && m.File.Kind == what })
	file, _, err := c.line.Phones.Open(c.customer.ID, shown.File.ID)
	c.w.must(err)
	defer func() { _ = file.Close() }()
	got, err := io.ReadAll(file)
	c.w.must(err)
	if !bytes.Equal(got, data) {
		c.w.Errorf("%d bytes came of %d", len(got), len(data))
	}
}
