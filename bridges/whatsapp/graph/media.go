package graph

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// MediaInfo is what Meta says about a file. URL lives five minutes. ref: whatsapp-cloud.md §4.2
type MediaInfo struct {
	ID       string
	URL      string
	MIMEType string
	SHA256   string // base64 or hex; see HashMatches
	Size     int64  // bytes
}

// MediaInfo asks for the address of a file. With phoneNumberID ("" to leave it out) Meta checks that the
// file belongs to that number. A file that is gone (seven days after it came) is errs.ErrNotFound or
// errs.ErrInvalid.
func (c *Client) MediaInfo(ctx context.Context, mediaID, phoneNumberID string) (MediaInfo, error) {
	const op = "look up media"
	path, err := id("media ID", mediaID)
	if err != nil {
		return MediaInfo{}, fmt.Errorf("%s: %w", op, err)
	}
	var answer struct {
		ID       Literal `json:"id"`
		URL      Literal `json:"url"`
		MIMEType Literal `json:"mime_type"`
		SHA256   Literal `json:"sha256"`
		Size     Number  `json:"file_size"`
	}
	k := call{op: op, method: http.MethodGet, path: path, query: ownedBy(phoneNumberID), complete: func() error {
		if answer.URL == "" {
			return errors.New("the answer names no address")
		}
		return nil
	}}
	if err = c.do(ctx, k, &answer); err != nil {
		return MediaInfo{}, err
	}
	return MediaInfo{ID: string(answer.ID), URL: string(answer.URL), MIMEType: string(answer.MIMEType),
		SHA256: string(answer.SHA256), Size: int64(answer.Size)}, nil
}

// DeleteMedia deletes a file at Meta.
func (c *Client) DeleteMedia(ctx context.Context, mediaID, phoneNumberID string) error {
	const op = "delete media"
	path, err := id("media ID", mediaID)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return c.succeed(ctx, call{op: op, method: http.MethodDelete, path: path, query: ownedBy(phoneNumberID)})
}

func ownedBy(phoneNumberID string) url.Values {
	if phoneNumberID == "" {
		return nil
	}
	return url.Values{"phone_number_id": {phoneNumberID}}
}

// HashMatches tells whether sum, a SHA-256, is the hash that Meta named: base64 in webhooks, hex in
// MediaInfo, as far as the samples show. An empty name matches nothing.
func HashMatches(sum [32]byte, named string) bool {
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.URLEncoding.DecodeString,
	} {
		if got, err := decode(named); err == nil && subtle.ConstantTimeCompare(got, sum[:]) == 1 {
			return true
		}
	}
	return false
}

// MediaRule is what WhatsApp takes of one MIME type.
type MediaRule struct {
	Kind string // image, video, audio, document, sticker: the message type that carries it
	Max  int64  // bytes
}

const megabyte = 1 << 20

// The sizes that WhatsApp takes, in bytes. ref: whatsapp-cloud.md §5.1
const (
	MaxImage           = 5 * megabyte
	MaxAudioVideo      = 16 * megabyte
	MaxDocument        = 100 * megabyte
	MaxStaticSticker   = 100 << 10
	MaxAnimatedSticker = 500 << 10
)

// RuleFor returns how a file of a MIME type (parameters are passed over) can be sent. listed is false
// for types that Meta's list lacks; those go as documents, which Meta commonly takes.
// ref: whatsapp-cloud.md §5.1
func RuleFor(mimeType string) (rule MediaRule, listed bool) {
	switch plainType(mimeType) {
	case "image/jpeg", "image/png":
		return MediaRule{"image", MaxImage}, true
	case "image/webp":
		return MediaRule{"sticker", MaxAnimatedSticker}, true
	case "video/mp4", "video/3gpp":
		return MediaRule{"video", MaxAudioVideo}, true
	case "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg":
		return MediaRule{"audio", MaxAudioVideo}, true
	case "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation":
		return MediaRule{"document", MaxDocument}, true
	}
	return MediaRule{"document", MaxDocument}, false
}

// plainType is a MIME type without its parameters.
func plainType(mimeType string) string {
	if plain, _, err := mime.ParseMediaType(mimeType); err == nil {
		return plain
	}
	plain, _, _ := strings.Cut(mimeType, ";")
	return strings.ToLower(strings.TrimSpace(plain))
}
