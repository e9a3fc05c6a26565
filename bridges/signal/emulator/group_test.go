package emulator_test

import (
	"encoding/base64"
	"testing"

	"puente/bridges/signal/emulator"
)

// withGroup adds Ben, and a group of Ana, Ben and the shop.
func (w *world) withGroup() (id string) {
	w.t.Helper()
	w.customer(emulator.Customer{ACI: ben, Name: "Ben Ode"})
	g, err := w.e.AddGroup(emulator.Group{Name: "Garden", Members: []emulator.Member{{ACI: ana}, {ACI: ben}, {ACI: shopACI}}})
	need(w.t, g, err)
	data, _ := w.c.next("dataMessage")
	equal(w.t, "groupInfo", data["groupInfo"], object{"groupId": g.ID, "groupName": "Garden", "revision": 1, "type": "UPDATE"})
	has(w.t, "data", data, object{"message": nil})
	return g.ID
}

func (w *world) group(id string) object {
	w.t.Helper()
	return w.c.ok("listGroups", object{"account": shop, "groupId": id}).([]any)[0].(object)
}

func TestGroupsOfCustomers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.withGroup()
	c, err := w.e.GroupChat(ana, id)
	need(t, c, err)
	update := func() object {
		t.Helper()
		data, _ := w.c.next("dataMessage")
		info := data["groupInfo"].(object)
		has(t, "groupInfo", info, object{"groupId": id, "type": "UPDATE"})
		return info
	}

	t.Run("ListGroupsShowsAll", func(t *testing.T) {
		got := w.group(id)
		has(t, "group", got, object{
			"id": id, "name": "Garden", "description": "", "isMember": true, "isBlocked": false, "messageExpirationTime": 0,
			"members": []object{
				{"isAdmin": true, "number": nil, "uuid": ana}, {"isAdmin": false, "number": nil, "uuid": ben},
				{"isAdmin": false, "number": shop, "uuid": shopACI},
			},
			"admins": []object{{"number": nil, "uuid": ana}}, "pendingMembers": []any{}, "requestingMembers": []any{}, "banned": []any{},
			"permissionAddMember": "EVERY_MEMBER", "permissionEditDetails": "EVERY_MEMBER", "permissionSendMessage": "EVERY_MEMBER",
			"groupInviteLink": nil,
		})
		if all := w.c.ok("listGroups", object{"account": shop}).([]any); len(all) != 1 {
			t.Errorf("%d groups are listed", len(all))
		}
		w.c.ok("getAvatar", object{"account": shop, "groupId": id})
	})
	t.Run("MessagesHaveTheGroup", func(t *testing.T) {
		w.must(c.SendText("hello all"))
		data, envelope := w.c.next("dataMessage")
		has(t, "data", data, object{"message": "hello all"})
		has(t, "groupInfo", data["groupInfo"].(object), object{"groupId": id, "groupName": "Garden", "type": "DELIVER"})
		has(t, "envelope", envelope, object{"sourceUuid": ana})
		w.okay(c.Typing(true))
		typing, _ := w.c.next("typingMessage")
		has(t, "typing", typing, object{"groupId": id})
	})
	t.Run("ChangesAreUpdatesToBeAskedFor", func(t *testing.T) {
		w.okay(c.Rename("Kitchen garden"))
		has(t, "groupInfo", update(), object{"groupName": "Kitchen garden", "revision": 2})
		w.okay(c.MakeAdmin(ben, true))
		update()
		w.okay(c.SetTimer(3600))
		update()
		w.okay(c.Describe("herbs"))
		update()
		w.okay(c.RemoveMember(ben))
		update()
		got := w.group(id)
		has(t, "group", got, object{"name": "Kitchen garden", "description": "herbs", "messageExpirationTime": 3600})
		if n := len(list(got, "members")); n != 2 {
			t.Errorf("%d members are left", n)
		}
		w.okay(c.AddMembers(ben))
		update()
		w.okay(c.RemoveMember(shopACI))
		update()
		has(t, "group", w.group(id), object{"isMember": false})
		w.c.fail(-1, "send", object{"account": shop, "groupId": id, "message": "x"})
	})
	t.Run("LinkLetsTheBusinessInAgain", func(t *testing.T) {
		link, err := c.SetLink(true, true)
		need(t, link, err)
		w.c.fail(-1, "joinGroup", object{"account": shop, "uri": "https://example.com"})
		w.c.fail(-1, "joinGroup", object{"account": shop, "uri": "https://signal.group/#none"})
		has(t, "join", w.c.ok("joinGroup", object{"account": shop, "uri": link}).(object), object{"groupId": id, "onlyRequested": true})
		w.okay(c.Approve(shopACI))
		update()
		has(t, "group", w.group(id), object{"isMember": true, "groupInviteLink": link})
	})
	t.Run("PictureAndState", func(t *testing.T) {
		picture := emulator.Sample("avatar.jpg")
		w.okay(c.SetPicture(picture))
		update()
		got := w.c.ok("getAvatar", object{"account": shop, "groupId": id}).(object)["data"]
		equal(t, "picture", got, base64.StdEncoding.EncodeToString(picture.Data))
		info, err := w.e.GroupInfo(id)
		if need(t, info, err).Name != "Kitchen garden" || len(w.e.Groups()) != 1 {
			t.Errorf("the group is %+v", info)
		}
		if _, err := w.e.GroupInfo("none"); err == nil {
			t.Error("there is no such group")
		}
	})
	t.Run("RightsAreKept", func(t *testing.T) {
		closed, err := w.e.AddGroup(emulator.Group{Name: "Closed", OnlyAdminsAdd: true, OnlyAdminsEdit: true, OnlyAdminsSend: true,
			Members: []emulator.Member{{ACI: ben}, {ACI: ana}, {ACI: shopACI}}})
		need(t, closed, err)
		w.c.next("dataMessage")
		member, err := w.e.GroupChat(ana, closed.ID)
		if _, err = need(t, member, err).SendText("x"); err == nil {
			t.Error("a member wrote into a group of announcements")
		}
		for what, err := range map[string]error{"rename": member.Rename("x"), "add": member.AddMembers(ana), "remove": member.RemoveMember(ben), "admin": member.MakeAdmin(ana, true)} {
			if err == nil {
				t.Errorf("%s: a member did what only admins may", what)
			}
		}
		w.c.fail(-1, "send", object{"account": shop, "groupId": closed.ID, "message": "x"})
		for _, change := range []object{{"name": "x"}, {"member": ana}, {"link": "enabled"}, {"expiration": 5}} {
			change["account"], change["groupId"] = shop, closed.ID
			w.c.fail(-32603, "updateGroup", change)
		}
	})
	t.Run("AdminDeletesWhatOthersWrote", func(t *testing.T) {
		benHere, err := w.e.GroupChat(ben, id)
		ref := w.must(need(t, benHere, err).SendText("spam"))
		w.c.next("dataMessage")
		if err := benHere.AdminDelete(ref); err == nil {
			t.Error("somebody who is no admin deleted a message")
		}
		w.okay(c.AdminDelete(ref))
		data, _ := w.c.next("dataMessage")
		has(t, "adminDelete", data["adminDelete"].(object), object{"targetAuthorUuid": ben, "targetSentTimestamp": ref.Timestamp})
	})
	t.Run("LeavingAndInviting", func(t *testing.T) {
		benHere, err := w.e.GroupChat(ben, id)
		w.okay(need(t, benHere, err).Leave())
		update()
		w.okay(c.RemoveMember(shopACI))
		update()
		w.okay(w.e.InviteAccount(id, ana, shop))
		update()
		equal(t, "pending", w.group(id)["pendingMembers"], []object{{"number": shop, "uuid": shopACI}})
		w.c.ok("sendMessageRequestResponse", object{"account": shop, "groupId": id, "type": "accept"})
		has(t, "group", w.group(id), object{"isMember": true, "pendingMembers": []any{}})
	})
}

func TestGroupsOfTheBusiness(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.withGroup()
	limited := w.magic("0429")
	gone := w.magic("0404")

	t.Run("SendFailsInPart", func(t *testing.T) {
		c, err := w.e.GroupChat(ana, id)
		w.okay(need(t, c, err).AddMembers(limited.ACI, gone.ACI))
		w.c.next("dataMessage")
		got := w.c.ok("send", object{"account": shop, "groupId": id, "message": "offer"}).(object)
		types := map[any]any{}
		for _, r := range list(got, "results") {
			has(t, "result", r, object{"groupId": id})
			types[r["recipientAddress"].(object)["uuid"]] = r["type"]
		}
		for aci, want := range map[string]string{ana: "SUCCESS", ben: "SUCCESS", limited.ACI: "RATE_LIMIT_FAILURE", gone.ACI: "UNREGISTERED_FAILURE"} {
			if types[aci] != want {
				t.Errorf("%s: %v, want %s", aci, types[aci], want)
			}
		}
		if texts := w.now(ben).Texts(shopACI); len(texts) != 1 {
			t.Error("Ben did not get it")
		}
		if texts := w.now(limited.ACI).Texts(shopACI); len(texts) != 0 {
			t.Error("somebody whose copy failed got it")
		}
	})
	t.Run("CreateAndChange", func(t *testing.T) {
		made := w.c.ok("updateGroup", object{"account": shop, "name": "Offers", "member": []string{ana, ben}, "expiration": 60}).(object)
		mine := made["groupId"].(string)
		if n := len(list(made, "results")); n != 2 {
			t.Errorf("%d results", n)
		}
		has(t, "group", w.group(mine), object{"name": "Offers", "messageExpirationTime": 60, "admins": []object{{"number": shop, "uuid": shopACI}}})
		w.c.ok("updateGroup", object{
			"account": shop, "groupId": mine, "name": "Deals", "description": "weekly", "removeMember": ben, "admin": ana, "link": "enabled",
			"setPermissionSendMessages": "only-admins", "avatar": uri(emulator.Sample("group.jpg")), "memberLabel": "Shop", "memberLabelEmoji": "🌱",
		})
		got := w.group(mine)
		has(t, "group", got, object{"name": "Deals", "description": "weekly", "permissionSendMessage": "ONLY_ADMINS"})
		members := list(got, "members")
		if len(members) != 2 || members[0]["label"] != "Shop" || got["groupInviteLink"] == nil {
			t.Errorf("the group is %v", got)
		}
		w.c.fail(-1, "updateGroup", object{"account": shop, "groupId": mine, "link": "maybe"})
		w.c.fail(-1, "updateGroup", object{"account": shop, "groupId": mine, "setPermissionAddMember": "x"})
		w.c.fail(-1, "updateGroup", object{"account": shop, "groupId": mine, "member": "+4915100000000"})

		lines := 0
		for _, m := range w.now(ana).Messages {
			if m.GroupID == mine && m.Kind == "line" {
				lines++
			}
		}
		if lines != 2 {
			t.Errorf("Ana's phone shows %d lines, want 2", lines)
		}
		w.c.ok("quitGroup", object{"account": shop, "groupId": mine, "delete": true})
		w.c.fail(-1, "listGroups", object{"account": shop, "groupId": mine})
	})
	t.Run("LastAdminNeedsAnHeir", func(t *testing.T) {
		mine := w.c.ok("updateGroup", object{"account": shop, "name": "Mine", "members": []string{ana}}).(object)["groupId"]
		w.c.fail(-1, "quitGroup", object{"account": shop, "groupId": mine})
		w.c.ok("quitGroup", object{"account": shop, "groupId": mine, "admin": []string{ana}})
	})
	t.Run("OnlyAdminsMayChangeRights", func(t *testing.T) {
		w.c.fail(-32603, "updateGroup", object{"account": shop, "groupId": id, "removeMember": ana})
		w.c.fail(-1, "sendAdminDelete", object{"account": shop, "targetAuthor": ana, "targetTimestamp": 1})
	})
	t.Run("AdminDeletesInItsGroup", func(t *testing.T) {
		mine := w.c.ok("updateGroup", object{"account": shop, "name": "Mine", "member": ana}).(object)["groupId"].(string)
		c, err := w.e.GroupChat(ana, mine)
		ref := w.must(need(t, c, err).SendText("spam"))
		w.c.ok("sendAdminDelete", object{"account": shop, "groupId": mine, "targetAuthor": ana, "targetTimestamp": ref.Timestamp})
		if m, _ := w.now(ana).Message(ref); !m.Deleted || m.DeletedBy != shopACI {
			t.Errorf("the phone shows %+v", m)
		}
		w.c.ok("sendReaction", object{"account": shop, "groupId": mine, "emoji": "👍", "targetAuthor": ana, "targetTimestamp": 1})
	})
	t.Run("BlockedGroupIsSilent", func(t *testing.T) {
		w.c.ok("block", object{"account": shop, "groupId": id})
		has(t, "group", w.group(id), object{"isBlocked": true})
		c, err := w.e.GroupChat(ana, id)
		w.must(need(t, c, err).SendText("dropped"))
		w.c.ok("unblock", object{"account": shop, "groupId": id})
		w.must(c.SendText("heard"))
		for {
			note := w.c.note()["result"].(object)["envelope"].(object)
			data, _ := note["dataMessage"].(object)
			if data["message"] == "dropped" {
				t.Fatal("a blocked group was heard")
			}
			if data["message"] == "heard" {
				break
			}
		}
	})
	t.Run("OwnPhoneWritesToTheGroup", func(t *testing.T) {
		w.must(w.own(id).SendText("from the phone"))
		for {
			envelope := w.c.note()["result"].(object)["envelope"].(object)
			if sync, ok := envelope["syncMessage"].(object); ok {
				sent := sync["sentMessage"].(object)
				has(t, "sent", sent, object{"destination": nil, "destinationNumber": nil, "destinationUuid": nil, "message": "from the phone"})
				has(t, "groupInfo", sent["groupInfo"].(object), object{"groupId": id})
				break
			}
		}
	})
	if got := w.e.UnknownParams(); len(got) != 0 {
		t.Errorf("unknown parameters: %v", got)
	}
}
