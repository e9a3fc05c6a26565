package message

import (
	"fmt"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// serverName and mediaID are what the two parts of a file's address may be. Others would lead to another path of our own
// homeserver than that of its files. Source: Matrix specification, server names and mxc:// addresses.
var (
	serverName = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)
	mediaID    = regexp.MustCompile(`^[A-Za-z0-9_=~.-]+$`)
)

// checkAddress refuses a file that has no address on a homeserver.
func checkAddress(content *event.MessageEventContent) error {
	address := content.URL
	if content.File != nil {
		address = content.File.URL
	}
	if !isMedia(address) {
		return errs.Tell(fmt.Errorf("address of a file: %w", errs.ErrInvalid), "the file has no address on a homeserver. Send it again.")
	}
	return nil
}

func isMedia(address id.ContentURIString) bool {
	uri, err := address.Parse()
	if err != nil || !serverName.MatchString(uri.Homeserver) || !mediaID.MatchString(uri.FileID) {
		return false
	}
	return strings.Trim(uri.Homeserver, ".") != "" && strings.Trim(uri.FileID, ".") != ""
}
