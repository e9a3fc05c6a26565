package telegram

import (
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"puente/bridges/bridgekit/media"
	"puente/core/hub/network"
)

func TestServiceMessagesAreSaid(t *testing.T) {
	ana := models.User{FirstName: "Ana"}
	for want, msg := range map[string]models.Message{
		"The group was made.":                              {GroupChatCreated: true},
		"deleted on Telegram after 24h0m0s":                {MessageAutoDeleteTimerChanged: &models.MessageAutoDeleteTimerChanged{MessageAutoDeleteTime: 86400}},
		"no longer deleted by themselves":                  {MessageAutoDeleteTimerChanged: &models.MessageAutoDeleteTimerChanged{}},
		"📌 Pinned: the address":                            {PinnedMessage: &models.MaybeInaccessibleMessage{Message: &models.Message{Text: "the address"}}},
		"📌 Pinned an earlier message.":                     {PinnedMessage: &models.MaybeInaccessibleMessage{InaccessibleMessage: &models.InaccessibleMessage{}}},
		"allowed the bot to write":                         {WriteAccessAllowed: &models.WriteAccessAllowed{}},
		"Topic made: Repairs":                              {ForumTopicCreated: &models.ForumTopicCreated{Name: "Repairs"}},
		"The topic was closed.":                            {ForumTopicClosed: &models.ForumTopicClosed{}},
		"opened again":                                     {ForumTopicReopened: &models.ForumTopicReopened{}},
		"General was hidden":                               {GeneralForumTopicHidden: &models.GeneralForumTopicHidden{}},
		"A video chat began":                               {VideoChatStarted: &models.VideoChatStarted{}},
		"The video chat ended":                             {VideoChatEnded: &models.VideoChatEnded{}},
		"22 November 2026, 12:00 UTC":                      {VideoChatScheduled: &models.VideoChatScheduled{StartDate: 1795348800}},
		"Ana came within 50 metres of Ana":                 {ProximityAlertTriggered: &models.ProximityAlertTriggered{Traveler: ana, Watcher: ana, Distance: 50}},
		"logged in to example.com":                         {ConnectedWebsite: "example.com"},
		"2 done, 1 no longer done":                         {ChecklistTasksDone: &models.ChecklistTasksDone{MarkedAsDoneTaskIDs: []int{1, 2}, MarkedAsNotDoneTaskIDs: []int{3}}},
		"A new answer in the poll: green":                  {PollOptionAdded: &models.PollOptionAdded{OptionText: "green"}},
		"A gift":                                           {Gift: &models.GiftInfo{}},
		"A giveaway":                                       {Giveaway: &models.Giveaway{}},
		"Paid: 19.99 EUR":                                  {SuccessfulPayment: &models.SuccessfulPayment{Currency: "EUR", TotalAmount: 1999}},
		"of a kind that Telegram's interface for bots doe": {},
	} {
		got := (&incoming{}).thing(&msg).Content.Body
		if !strings.Contains(got, want) {
			t.Errorf("instead of %q it says %q", want, got)
		}
	}
}

func TestMembershipIsSaid(t *testing.T) {
	as := func(kind models.ChatMemberType) models.ChatMember {
		return models.ChatMember{Type: kind, Restricted: &models.ChatMemberRestricted{}}
	}
	left, member, admin := as(models.ChatMemberTypeLeft), as(models.ChatMemberTypeMember), as(models.ChatMemberTypeAdministrator)
	for name, test := range map[string]struct {
		was, is models.ChatMember
		reads   bool
		want    string
	}{
		"Added":           {left, member, true, "The bot was added to the group."},
		"AddedBlind":      {left, member, false, "sees only commands"},
		"AddedAsAdmin":    {left, admin, false, "The bot was added to the group."},
		"Removed":         {member, left, true, "was removed"},
		"Banned":          {admin, as(models.ChatMemberTypeBanned), true, "was removed"},
		"MutedAndOut":     {member, as(models.ChatMemberTypeRestricted), true, "was removed"},
		"Promoted":        {member, admin, false, "is an administrator"},
		"Demoted":         {admin, member, false, "no longer an administrator"},
		"NothingOfMatter": {admin, admin, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := membershipText(&models.ChatMemberUpdated{OldChatMember: test.was, NewChatMember: test.is}, test.reads)
			if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("it says %q", got)
			}
		})
	}
}

func TestShapesOfPictures(t *testing.T) {
	for name, test := range map[string]struct {
		width, height int
		want          media.Kind
	}{
		"Ordinary": {1920, 1080, media.Image}, "AtTheRatio": {2000, 100, media.Image}, "TooLong": {2001, 100, media.Document},
		"AtTheSum": {5000, 5000, media.Image}, "TooLarge": {5001, 5000, media.Document}, "Unknown": {0, 0, media.Image},
	} {
		t.Run(name, func(t *testing.T) {
			if got := photoOrDocument(media.File{Kind: media.Image, Width: test.width, Height: test.height}).Kind; got != test.want {
				t.Errorf("it goes as %s", got)
			}
		})
	}
}

func TestEveryKindOfChatIsDeclaredAsItIs(t *testing.T) {
	all := capabilities()
	ids := map[string]bool{}
	for _, chat := range all.Chats {
		ids[chat.Features.ID] = true
	}
	if len(ids) != len(all.Chats) {
		t.Errorf("%d kinds of chat have %d IDs", len(all.Chats), len(ids))
	}
	business := all.Chats[len(all.Chats)-1]
	if business.Name != "business account" || !business.Features.Reaction.Reject() || !business.Features.ReadReceipts || all.Chats[0].Features.ReadReceipts {
		t.Errorf("a business account is declared as %+v", business.Features)
	}
	if quiet := roomFeatures(privateChat, false, true); quiet.TypingNotifications || quiet.ID == all.Chats[0].Features.ID || quiet.File["m.file"].MaxSize != maxUploadToLocal {
		t.Errorf("another config is declared as %+v", quiet)
	}
	if len(all.Receives) == 0 || all.Receives[0] != network.FeatureText {
		t.Errorf("customers send %v", all.Receives)
	}
}

func TestStartPayloads(t *testing.T) {
	for text, want := range map[string]string{"/start order-17": "order-17", "/start": "", "/start ": "", "/started x": "", "say /start x": ""} {
		if got := startPayload(text); got != want {
			t.Errorf("%q carries %q", text, got)
		}
	}
}
