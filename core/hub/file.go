package hub

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

var _ channel.Files = (*Hub)(nil)

// fileAddress is where a message's file is, for the desk: its mxc address, and behind a # what decrypts it if it is
// encrypted. So the desk can keep it and come back later, and needs nobody who remembers the message.
func fileAddress(msg *event.MessageEventContent) string {
	if msg.File == nil {
		return string(msg.URL)
	}
	key, err := json.Marshal(msg.File.EncryptedFile)
	if err != nil || msg.File.Key.Key == "" {
		return string(msg.File.URL) // without its key it can be named, not read
	}
	return string(msg.File.URL) + "#" + base64.RawURLEncoding.EncodeToString(key)
}

// OpenFile implements channel.Files.
func (h *Hub) OpenFile(ctx context.Context, address string) (io.ReadCloser, error) {
	at, key, err := readAddress(address)
	if err != nil {
		return nil, err
	}
	resp, err := h.bot.Download(ctx, at)
	if errors.Is(err, mautrix.MNotFound) {
		return nil, fmt.Errorf("file at the homeserver: %w: %w", errs.ErrNotFound, err)
	} else if err != nil {
		return nil, errs.Temporary(fmt.Errorf("fetch a file from the homeserver: %w", err), 0)
	}
	if key == nil {
		return resp.Body, nil
	}
	return key.DecryptStream(resp.Body), nil
}

// readAddress takes apart what fileAddress made; key is nil if the file is not encrypted. Its errors do not repeat the
// address, which is a secret.
func readAddress(address string) (at id.ContentURI, key *attachment.EncryptedFile, err error) {
	mxc, encoded, encrypted := strings.Cut(address, "#")
	if at, err = id.ParseContentURI(mxc); err != nil || at.IsEmpty() {
		return at, nil, fmt.Errorf("address of a file: %w", errs.ErrInvalid)
	} else if !encrypted {
		return at, nil, nil
	}
	key = &attachment.EncryptedFile{}
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err == nil {
		err = json.Unmarshal(raw, key)
	}
	if err == nil {
		err = key.PrepareForDecryption()
	}
	if err != nil {
		return at, nil, fmt.Errorf("key in the address of a file: %w", errs.ErrInvalid)
	}
	return at, key, nil
}
