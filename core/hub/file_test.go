package hub

import (
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
)

func TestFileAddress(t *testing.T) {
	const mxc = "mxc://localhost/abc"
	file := attachment.NewEncryptedFile()
	data := []byte("a picture")
	file.EncryptInPlace(data)
	secret := fileAddress(&event.MessageEventContent{File: &event.EncryptedFileInfo{EncryptedFile: *file, URL: mxc}})

	t.Run("OfAPlainFileIsItsPlace", func(t *testing.T) {
		if got := fileAddress(&event.MessageEventContent{URL: mxc}); got != mxc {
			t.Errorf("%q", got)
		}
		if at, key, err := readAddress(mxc); at.String() != mxc || key != nil || err != nil {
			t.Errorf("read as %s, %v, %v", at, key, err)
		}
	})
	t.Run("OfAnEncryptedFileOpensIt", func(t *testing.T) {
		at, key, err := readAddress(secret)
		if err != nil || at.String() != mxc {
			t.Fatalf("read as %s: %v", at, err)
		}
		if err := key.DecryptInPlace(data); err != nil || string(data) != "a picture" {
			t.Errorf("decrypted to %q: %v", data, err)
		}
	})
	t.Run("OfNothingIsNothing", func(t *testing.T) {
		if got := fileAddress(&event.MessageEventContent{Body: "hello"}); got != "" {
			t.Errorf("%q", got)
		}
	})
	t.Run("ThatIsWrongIsRefusedAndNotRepeated", func(t *testing.T) {
		for _, address := range []string{"", "https://example.com/abc", "mxc://", mxc + "#", mxc + "#c2VjcmV0", mxc + "#%%", secret[:len(secret)-4]} {
			_, _, err := readAddress(address)
			if !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("%q: %v", address, err)
			} else if address != "" && (strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "c2VjcmV0")) {
				t.Errorf("the error repeats the address: %v", err)
			}
		}
	})
}
