package signal

import (
	"context"
	"errors"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// nobody is known while the database is away.
type nobody struct{ network.Handles }

func (nobody) Resolve(context.Context, ...network.Handle) (networkid.UserID, error) {
	return "", errs.Temporary(errors.New("the database is away"), 0)
}

func TestWhatCannotBeReadIsToldWhenTheDatabaseIsBack(t *testing.T) {
	c := &Connector{}
	c.env.Handles = nobody{}
	login := &bridgev2.UserLogin{UserLogin: &database.UserLogin{ID: "own", Metadata: &LoginMeta{Number: shopNumber}}}
	if err := c.LoadUserLogin(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	for name, notification := range map[string]string{
		"Exception": `{"account":"` + shopNumber + `","envelope":{"sourceUuid":"ana","timestamp":5},"exception":{"type":"ProtocolInvalidMessageException"}}`,
		"Unknown":   `{"account":"` + shopNumber + `","envelope":{"sourceUuid":"ana","timestamp":5,"hologramMessage":{"size":3}}}`,
	} {
		if err := c.HandleEntry(t.Context(), network.Entry{Payload: []byte(notification)}); !isTemporary(err) {
			t.Errorf("%s: given up with %v", name, err)
		}
	}
}
