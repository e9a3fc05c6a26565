package richtext

import (
	"net/url"
	"strings"

	"maunium.net/go/mautrix/id"
)

// maxAddress is the longest address that becomes a link, in bytes.
const maxAddress = 4096

// schemeOf returns the scheme of an address that a message may link to, in lower case, or "" for any other address.
func schemeOf(address string) string {
	if address == "" || len(address) > maxAddress {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	switch parsed.Scheme {
	case "http", "https":
		if parsed.Host == "" {
			return ""
		}
	case "mailto", "tel", "tg", "matrix", "geo":
		if parsed.Opaque == "" && parsed.Host == "" && parsed.Path == "" {
			return ""
		}
	default:
		return ""
	}
	return parsed.Scheme
}

// inMatrix tells whether an address leads to something in Matrix, which means nothing on another network, and to
// which user if it is one.
func inMatrix(address string) (userID id.UserID, ok bool) {
	parsed, err := url.Parse(address)
	if err != nil || (parsed.Scheme != "matrix" && !strings.EqualFold(parsed.Hostname(), "matrix.to")) {
		return "", false
	}
	uri, err := id.ParseMatrixURIOrMatrixToURL(address)
	if err != nil {
		return "", true
	}
	userID = uri.UserID()
	if _, _, err := userID.Parse(); err != nil {
		return "", true
	}
	return userID, true
}

// profileLink is the address of a Matrix user, or "" if the ID is none.
func profileLink(userID id.UserID) string {
	local, server, err := userID.Parse()
	if err != nil || local == "" || len(userID) > id.UserIDMaxLength {
		return ""
	}
	uri := id.MatrixURI{Sigil1: '@', MXID1: local + ":" + server}
	return uri.MatrixToURL()
}

// readAddress is an address as people read it in a text.
func readAddress(address string) string {
	for _, scheme := range []string{"mailto:", "tel:"} {
		if len(address) > len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
			return address[len(scheme):]
		}
	}
	return address
}
