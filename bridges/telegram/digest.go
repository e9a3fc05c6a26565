package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/go-telegram/bot/models"

	"puente/bridges/bridgekit/richtext"
)

// digest is what a message says, in short: two versions with the same digest look alike. Buttons, link previews, votes
// and what Telegram finds in a text by itself are no part of it.
func digest(msg *models.Message) string {
	said := struct {
		Text, Caption     string
		Spans, CaptionIn  []richtext.Span
		File              string
		Latitude, Longest float64
		Title             string
		Contact           *models.Contact
		Poll              string
		Checklist         *models.Checklist
		Rich              *models.RichMessage
	}{
		Text: msg.Text, Caption: msg.Caption, Spans: spans(msg.Entities), CaptionIn: spans(msg.CaptionEntities),
		File: fileIdentity(msg), Contact: msg.Contact, Checklist: msg.Checklist, Rich: msg.RichMessage,
	}
	if place := msg.Location; place != nil {
		// Live locations tremble: some ten metres are no news.
		said.Latitude, said.Longest = coarse(place.Latitude), coarse(place.Longitude)
	}
	if msg.Venue != nil {
		said.Title = msg.Venue.Title
	}
	if msg.Poll != nil {
		said.Poll = pollText(msg.Poll)
	}
	return sum(said)
}

// words is the digest of a text alone.
func words(text string) string { return sum(strings.TrimSpace(text)) }

func sum(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return "" // differs from every digest
	}
	hash := sha256.Sum256(encoded)
	return hex.EncodeToString(hash[:8])
}

func coarse(degrees float64) float64 { return float64(int(degrees*10_000)) / 10_000 }

// fileIdentity stays the same as long as a message's file does.
func fileIdentity(msg *models.Message) string {
	switch {
	case len(msg.Photo) > 0:
		return largest(msg.Photo).FileUniqueID
	case msg.Animation != nil:
		return msg.Animation.FileUniqueID
	case msg.Video != nil:
		return msg.Video.FileUniqueID
	case msg.VideoNote != nil:
		return msg.VideoNote.FileUniqueID
	case msg.Voice != nil:
		return msg.Voice.FileUniqueID
	case msg.Audio != nil:
		return msg.Audio.FileUniqueID
	case msg.Document != nil:
		return msg.Document.FileUniqueID
	case msg.Sticker != nil:
		return msg.Sticker.FileUniqueID
	}
	return ""
}
