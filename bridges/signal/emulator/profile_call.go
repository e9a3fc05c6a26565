package emulator

import "slices"

// onlyPrimary is the answer to what a linked device may not do.
func onlyPrimary() error { return userError("This command doesn't work on linked devices.") }

func doUpdateProfile(c *call, b *business, p params) (any, error) {
	for _, field := range []struct {
		key string
		to  *string
	}{
		{"name", &b.Given}, {"givenName", &b.Given}, {"familyName", &b.Family}, {"about", &b.About}, {"aboutEmoji", &b.AboutEmoji},
	} {
		value := p.text(field.key)
		if value != nil {
			*field.to = *value
		}
	}
	remove := p.flag("removeAvatar")
	picture := p.textOr("avatar")
	switch {
	case remove:
		b.Avatar = ""
	case picture != "":
		f, err := dataURI(picture)
		if err != nil {
			return nil, rpcError{Code: codeIO, Message: "Update profile error: no such file"}
		}
		b.Avatar = c.e.keep(f)
	}
	return nil, nil
}

func doUpdateAccount(c *call, b *business, p params) (any, error) {
	for _, field := range []struct {
		key    string
		to     *bool
		negate bool
	}{
		{"numberSharing", &b.Settings.SharesNumber, false}, {"discoverableByNumber", &b.Settings.Undiscoverable, true},
		{"unrestrictedUnidentifiedSender", &b.Settings.Unidentified, false},
	} {
		value := p.maybe(field.key)
		if value != nil {
			*field.to = *value != field.negate
		}
	}
	name := p.text("deviceName")
	for i := range b.Devices {
		if name != nil && b.Devices[i].ID == b.DeviceID {
			b.Devices[i].Name = *name
		}
	}
	if p.flag("deleteUsername") {
		b.Username = ""
	}
	username := p.textOr("username")
	if username == "" {
		return nil, nil
	}
	if !userForm.MatchString(username) {
		username += ".01" // without a discriminator Signal picks one
	}
	if !userForm.MatchString(username) || c.e.st.party("u:"+username) != nil {
		return nil, userError("Invalid username: it is taken or has a wrong form")
	}
	b.Username = username
	return object{"username": username, "usernameLink": "https://signal.me/#eu/" + newFileID()}, nil
}

func doUpdateConfiguration(_ *call, b *business, p params) (any, error) {
	for _, field := range []struct {
		key    string
		to     *bool
		negate bool
	}{
		{"readReceipts", &b.Settings.NoReadReceipts, true}, {"typingIndicators", &b.Settings.NoTyping, true},
		{"linkPreviews", &b.Settings.NoPreviews, true}, {"unidentifiedDeliveryIndicators", &b.Settings.Unidentified, false},
	} {
		value := p.maybe(field.key)
		if value != nil {
			*field.to = *value != field.negate
		}
	}
	return nil, nil
}

func doListDevices(_ *call, b *business, _ params) (any, error) {
	out := []object{}
	for _, d := range b.Devices {
		out = append(out, object{"id": d.ID, "name": orNull(d.Name), "createdTimestamp": d.Created, "lastSeenTimestamp": d.LastSeen})
	}
	return out, nil
}

func doRemoveDevice(_ *call, b *business, p params) (any, error) {
	id := p.numberOr("deviceId")
	if b.DeviceID != 1 {
		return nil, onlyPrimary()
	}
	b.Devices = slices.DeleteFunc(b.Devices, func(d device) bool { return int64(d.ID) == id && d.ID != 1 })
	return nil, nil
}

func doSetPin(_ *call, b *business, p params) (any, error) {
	pin := p.textOr("pin")
	if b.DeviceID != 1 {
		return nil, onlyPrimary()
	}
	b.PIN = pin
	return nil, nil
}

func doRemovePin(_ *call, b *business, _ params) (any, error) {
	if b.DeviceID != 1 {
		return nil, onlyPrimary()
	}
	b.PIN = ""
	return nil, nil
}
