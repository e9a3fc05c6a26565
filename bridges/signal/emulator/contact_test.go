package emulator_test

import (
	"encoding/base64"
	"testing"

	"puente/bridges/signal/emulator"
)

func TestContacts(t *testing.T) {
	w := newWorld(t, nil).withAna()
	contact := func() object {
		all := w.c.ok("listContacts", object{"account": shop, "recipient": ana}).([]any)
		if len(all) != 1 {
			t.Fatalf("contacts are %v", all)
		}
		return all[0].(object)
	}

	t.Run("ContactHasAProfile", func(t *testing.T) {
		got := contact()
		has(t, "contact", got, object{
			"uuid": ana, "number": nil, "username": "ana.42", "name": "", "givenName": nil, "isBlocked": false, "isHidden": false,
			"messageExpirationTime": 0, "profileSharing": true, "unregistered": false,
		})
		has(t, "profile", got["profile"].(object), object{"givenName": "Ana", "familyName": "Ñandú", "about": nil, "hasAvatar": true})
		absent(t, "contact", got, "internal")
	})
	t.Run("AvatarIsARealPicture", func(t *testing.T) {
		got := w.c.ok("getAvatar", object{"account": shop, "profile": ana}).(object)["data"]
		equal(t, "avatar", got, base64.StdEncoding.EncodeToString(emulator.Sample("avatar.jpg").Data))
		w.c.fail(-1, "getAvatar", object{"account": shop, "contact": ana})
		w.okay(w.e.SetAvatar(ana, nil))
		w.c.fail(-1, "getAvatar", object{"account": shop, "profile": ana})
	})
	t.Run("StrangersAreListedOnlyWithAllRecipients", func(t *testing.T) {
		w.customer(emulator.Customer{ACI: ben, Name: "Ben"})
		w.must(w.chat(ben).SendText("hi"))
		w.c.next("dataMessage")
		if n := len(w.c.ok("listContacts", object{"account": shop}).([]any)); n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
		if n := len(w.c.ok("listContacts", object{"account": shop, "allRecipients": true}).([]any)); n != 2 {
			t.Errorf("%d recipients, want 2", n)
		}
	})
	t.Run("UpdateAndTimer", func(t *testing.T) {
		w.c.ok("updateContact", object{"account": shop, "recipient": ana, "name": "Mrs", "familyName": "Ñandú", "note": "VIP", "expiration": 3600})
		has(t, "contact", contact(), object{"name": "Mrs Ñandú", "givenName": "Mrs", "note": "VIP", "messageExpirationTime": 3600})
		lines := w.now(ana).Messages
		equal(t, "line", lines[len(lines)-1].Line, "Lucky Shrub set messages to disappear after 3600 s")
	})
	t.Run("BlockedCustomersAreNotHeard", func(t *testing.T) {
		w.c.ok("block", object{"account": shop, "recipient": ana})
		has(t, "contact", contact(), object{"isBlocked": true})
		if n := len(w.c.ok("listContacts", object{"account": shop, "blocked": true}).([]any)); n != 1 {
			t.Errorf("%d blocked contacts", n)
		}
		w.must(w.chat(ana).SendText("dropped"))
		w.c.ok("unblock", object{"account": shop, "recipients": []string{ana}})
		w.must(w.chat(ana).SendText("heard"))
		data, _ := w.c.next("dataMessage")
		has(t, "data", data, object{"message": "heard"})
		w.c.ok("removeContact", object{"account": shop, "recipient": ana})
		w.c.ok("removeContact", object{"account": shop, "recipient": ana, "hide": true})
		if n := len(w.c.ok("listContacts", object{"account": shop}).([]any)); n != 0 {
			t.Errorf("%d contacts are listed, and the only one is hidden", n)
		}
		w.c.ok("removeContact", object{"account": shop, "recipient": ana, "forget": true})
	})
	t.Run("UserStatusFindsNumbersAndUsernames", func(t *testing.T) {
		got := w.c.ok("getUserStatus", object{
			"account": shop, "recipient": []string{"+491701234567", "+4915100000000"}, "username": []string{"ana.42", "nobody.01"},
		})
		equal(t, "status", got, []object{
			{"recipient": "+491701234567", "number": "+491701234567", "uuid": ana, "isRegistered": true},
			{"recipient": "+4915100000000", "number": "+4915100000000", "uuid": nil, "isRegistered": false},
			{"recipient": "ana.42", "username": "ana.42", "uuid": ana, "isRegistered": true},
			{"recipient": "nobody.01", "username": "nobody.01", "uuid": nil, "isRegistered": false},
		})
		w.e.FailNext("getUserStatus", 1, -5)
		w.c.fail(-5, "getUserStatus", object{"account": shop, "recipient": "+491701234567"})
	})
	t.Run("ProfileAndAccount", func(t *testing.T) {
		w.c.ok("updateProfile", object{"account": shop, "givenName": "Lucky", "familyName": "Shop", "about": "plants", "aboutEmoji": "🌱",
			"avatar": uri(emulator.Sample("avatar.jpg"))})
		equal(t, "name", w.e.Accounts()[0].Name, "Lucky Shop")
		w.c.fail(-3, "updateProfile", object{"account": shop, "avatar": "/no/such/file"})
		got := w.c.ok("updateAccount", object{"account": shop, "username": "lucky.07", "deviceName": "puente"}).(object)
		has(t, "account", got, object{"username": "lucky.07"})
		w.c.fail(-1, "updateAccount", object{"account": shop, "username": "ana.42"})
		devices := w.c.ok("listDevices", object{"account": shop}).([]any)
		if len(devices) != 2 {
			t.Fatalf("devices are %v", devices)
		}
		has(t, "device", devices[1].(object), object{"id": 2, "name": "puente"})
		w.c.fail(-1, "removeDevice", object{"account": shop, "deviceId": 2})
		w.c.fail(-1, "setPin", object{"account": shop, "pin": "1234"})
		w.c.ok("updateAccount", object{"account": shop, "deleteUsername": true})
		w.c.ok("sendContacts", object{"account": shop})
	})
	if got := w.e.UnknownParams(); len(got) != 0 {
		t.Errorf("unknown parameters: %v", got)
	}
}

func TestNumberSharing(t *testing.T) {
	w := newWorld(t, nil)
	w.subscribe()
	w.customer(emulator.Customer{ACI: ana, Name: "Ana", Number: "+491701234567"})
	number := func() any {
		w.must(w.chat(ana).SendText("x"))
		_, envelope := w.c.next("dataMessage")
		return envelope["sourceNumber"]
	}
	equal(t, "hidden", number(), nil)
	w.okay(w.e.SetNumberSharing(ana, true))
	equal(t, "shared", number(), "+491701234567")
	w.okay(w.e.SetProfile(ana, "Ana Maria", "", ""))
	w.must(w.chat(ana).SendText("x"))
	_, envelope := w.c.next("dataMessage")
	has(t, "envelope", envelope, object{"sourceName": "Ana Maria"})
}

func TestCustomersAreChecked(t *testing.T) {
	w := newWorld(t, nil)
	w.customer(emulator.Customer{ACI: ana, Name: "Ana", Number: "+491701234567", Username: "ana.42"})
	for name, c := range map[string]emulator.Customer{
		"no name": {}, "number": {Name: "x", Number: "0170"}, "ACI": {Name: "x", ACI: "1"}, "username": {Name: "x", Username: "x"},
		"same number": {Name: "x", Number: "+491701234567"}, "same ACI": {Name: "x", ACI: ana}, "same username": {Name: "x", Username: "ana.42"},
	} {
		if _, err := w.e.AddCustomer(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
