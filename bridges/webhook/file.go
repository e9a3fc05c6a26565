package webhook

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
)

// limits take every file as it is, if it is what it is called: a picture that is none goes out as a file.
func limits() media.Limits {
	anything := []media.Rule{{Mime: media.AnyMime, MaxBytes: maxOutFile}}
	var pictures []media.Rule
	for _, mime := range []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic", "image/bmp", "image/tiff"} {
		pictures = append(pictures, media.Rule{Mime: mime, MaxBytes: maxOutFile}, media.Rule{Mime: mime, MaxBytes: maxOutFile, Animated: true})
	}
	return media.Limits{
		media.Image: pictures, media.Sticker: pictures, media.Video: anything, media.Audio: anything, media.Voice: anything, media.Document: anything,
	}
}

// wireKinds are our words for files.
var wireKinds = map[media.Kind]string{
	media.Image: "image", media.Video: "video", media.Audio: "audio", media.Voice: "voice", media.Document: "file", media.Sticker: "sticker",
}

// fileContent looks at an agent's file, and makes the message that tells where the system can fetch it.
func (cl *Client) fileContent(ctx context.Context, msg *event.MessageEventContent) (content *Message, err error) {
	err = message.Outfile(ctx, cl.connector.bridge.Bot, msg, limits(), func(file media.File) error {
		ticket, err := cl.seal(ticket{URL: msg.URL, File: msg.File, Mime: file.Mime, Name: file.Name})
		if err != nil {
			return err
		}
		content = written(message.Caption(msg))
		content.Media = []Media{{
			Kind: wireKinds[file.Kind], URL: cl.address("media/" + ticket), Mime: file.Mime, Name: file.Name, Size: file.Size,
		}}
		return nil
	})
	return content, err
}

// address is where a path of this system's API is; without public_url it is relative to where the system posts.
func (cl *Client) address(path string) string {
	return fmt.Sprintf("%s/webhook/v1/systems/%s/%s", cl.connector.env.PublicURL, cl.system, path)
}

// ticket is a file on the homeserver. It goes to the system and comes back, sealed, as the last part of the file's
// address, so that nothing about it must be kept here.
type ticket struct {
	URL  id.ContentURIString      `json:"url,omitempty"`
	File *event.EncryptedFileInfo `json:"file,omitempty"` // with the key, in an encrypted room
	Mime string                   `json:"mime"`
	Name string                   `json:"name"`
}

// sealer encrypts tickets with a key made of the signing secret: a new secret ends the old addresses.
func (cl *Client) sealer() (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("puente media ticket\n" + cl.meta.Secret))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("make a media key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (cl *Client) seal(t ticket) (string, error) {
	sealer, err := cl.sealer()
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("write a media ticket: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealer.Seal(nil, nil, plain, []byte(cl.system))), nil //nolint:gosec // the nonce is random: it is what cipher.NewGCMWithRandomNonce adds by itself
}

func (cl *Client) unseal(text string) (t ticket, err error) {
	sealer, err := cl.sealer()
	if err != nil {
		return t, err
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return t, fmt.Errorf("media ticket: %w", errs.ErrNotFound)
	}
	plain, err := sealer.Open(nil, nil, sealed, []byte(cl.system))
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return t, fmt.Errorf("media ticket: %w", errs.ErrNotFound)
	}
	return t, nil
}

// serveMedia hands a file of an agent's to the system, decrypted.
func (c *Connector) serveMedia(w http.ResponseWriter, r *http.Request, cl *Client) {
	t, err := cl.unseal(r.PathValue("media"))
	if err != nil {
		refuse(w, http.StatusNotFound, "there is no such file: take the address from the message as it is; a new signing secret ends old addresses")
		return
	}
	found := false
	err = c.bridge.Bot.DownloadMediaToFile(r.Context(), t.URL, t.File, false, func(file *os.File) error {
		found = true
		header := w.Header()
		header.Set("Content-Type", t.Mime)
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": t.Name}))
		header.Set("Content-Security-Policy", "sandbox")
		header.Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, "", time.Time{}, file)
		return nil
	})
	switch {
	case err == nil || found:
	case errors.Is(err, mautrix.MNotFound):
		refuse(w, http.StatusNotFound, "the homeserver no longer has the file")
	default:
		c.log.Warn().Err(err).Str("login_id", string(cl.system)).Msg("Could not read a file from the homeserver")
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusBadGateway, "the homeserver does not hand over the file now: try again")
	}
}
