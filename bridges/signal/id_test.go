package signal

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/networkid"
)

func TestMessageIDs(t *testing.T) {
	whole := messageID("ac5f0a65-054f-4c8f-a730-074a8b08a474", 1795387718000)
	for n, id := range []networkid.MessageID{whole, whole + ".1", whole + ".2"} {
		if got := partID(whole, n); got != id {
			t.Errorf("%s, not %s", got, id)
		}
		if author, at, ok := parseMessageID(id); !ok || author != "ac5f0a65-054f-4c8f-a730-074a8b08a474" || at != 1795387718000 {
			t.Errorf("%s: %s, %d, %v", id, author, at, ok)
		}
	}
	for _, id := range []networkid.MessageID{"", "a", "a.", ".5", "a.b", "a.-5", "a.1.2.3", noticeID("call", "a", 5), "request:person"} {
		if _, _, ok := parseMessageID(id); ok {
			t.Errorf("%q is taken for a message of Signal's", id)
		}
	}
}

func TestLoginIDsShowNoNumber(t *testing.T) {
	const number = "+4930555078388"
	if id := loginID("AC5F0A65-054F-4C8F-A730-074A8B08A474", number); id != "ac5f0a65-054f-4c8f-a730-074a8b08a474" {
		t.Error(id)
	}
	id := loginID("", number)
	if strings.Contains(string(id), number[5:]) || id != loginID("", number) || id == loginID("", "+4930555078389") {
		t.Error(id)
	}
	if name := remoteName(LoginMeta{Number: number, Name: "Shop"}); name != "Shop (…388)" {
		t.Error(name)
	}
	if name := remoteName(LoginMeta{Number: "+1"}); strings.Contains(name, "Shop") {
		t.Error(name)
	}
}
