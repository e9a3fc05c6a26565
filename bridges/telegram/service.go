package telegram

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
)

// handleService shows what changes the room itself: its name, its picture, who is in it, where it went. It tells
// whether that is all there is to the message.
func (in *incoming) handleService(ctx context.Context) (done bool, err error) {
	cl, msg := in.client, in.msg
	isTopic := threadOf(msg) != 0
	switch {
	case msg.MigrateToChatID != 0:
		return true, cl.migrate(ctx, msg.Chat.ID, msg.MigrateToChatID)
	case msg.MigrateFromChatID != 0:
		return true, cl.migrate(ctx, msg.MigrateFromChatID, msg.Chat.ID)
	case msg.NewChatTitle != "":
		return true, in.changeChat(&bridgev2.ChatInfo{Name: &msg.NewChatTitle})
	case len(msg.NewChatPhoto) > 0:
		photo := largest(msg.NewChatPhoto)
		return true, in.changeChat(&bridgev2.ChatInfo{Avatar: cl.avatar(photo.FileUniqueID, photo.FileID)})
	case msg.DeleteChatPhoto:
		return true, in.changeChat(&bridgev2.ChatInfo{Avatar: &bridgev2.Avatar{ID: "none", Remove: true}})
	case len(msg.NewChatMembers) > 0:
		return true, in.changeMembers(ctx, event.MembershipJoin, msg.NewChatMembers...)
	case msg.LeftChatMember != nil:
		return true, in.changeMembers(ctx, event.MembershipLeave, *msg.LeftChatMember)
	case isTopic && msg.ForumTopicEdited != nil && msg.ForumTopicEdited.Name != "":
		name := msg.Chat.Title + " › " + msg.ForumTopicEdited.Name
		return true, in.changeChat(&bridgev2.ChatInfo{Name: &name})
	}
	return false, nil
}

func (in *incoming) changeChat(info *bridgev2.ChatInfo) error {
	return in.client.changeRoom(in.chat, &bridgev2.ChatInfoChange{ChatInfo: info}, in.sender)
}

// changeMembers shows who came or went. The bot itself is told of elsewhere (see handleMyMembership).
func (in *incoming) changeMembers(ctx context.Context, now event.Membership, users ...models.User) error {
	list := bridgev2.ChatMemberMap{}
	for _, user := range users {
		if user.ID == in.client.meta().BotID {
			continue
		}
		person, err := in.client.meet(ctx, user)
		if err != nil {
			return err
		}
		list.Set(bridgev2.ChatMember{EventSender: bridgev2.EventSender{Sender: person}, Membership: now})
	}
	if len(list) == 0 {
		return nil
	}
	// The bridge's bot makes the change: whoever leaves cannot act any more.
	return in.client.changeRoom(in.chat, &bridgev2.ChatInfoChange{MemberChanges: &bridgev2.ChatMemberList{MemberMap: list}}, bridgev2.EventSender{})
}

// otherText says what a message is that has no form in Matrix; "" if it is none of these.
func otherText(msg *models.Message) string {
	switch {
	case msg.PaidMedia != nil:
		return fmt.Sprintf("Paid media for %d Stars, which bots cannot open.", msg.PaidMedia.StarCount)
	case msg.Story != nil:
		return "A story of " + either(msg.Story.Chat.Title, either(fullName(msg.Story.Chat.FirstName, msg.Story.Chat.LastName), "somebody")) + ", which bots cannot open."
	case msg.Game != nil:
		return "🎮 " + strings.TrimSpace(msg.Game.Title+"\n"+msg.Game.Description)
	case msg.Invoice != nil:
		return fmt.Sprintf("🧾 Invoice: %s, %s %s", msg.Invoice.Title, money(msg.Invoice.TotalAmount), msg.Invoice.Currency)
	case msg.SuccessfulPayment != nil:
		return fmt.Sprintf("💳 Paid: %s %s", money(msg.SuccessfulPayment.TotalAmount), msg.SuccessfulPayment.Currency)
	case msg.RefundedPayment != nil:
		return fmt.Sprintf("💳 Paid back: %s %s", money(msg.RefundedPayment.TotalAmount), msg.RefundedPayment.Currency)
	case msg.Gift != nil, msg.UniqueGift != nil, msg.GiftUpgradeSent != nil:
		return "🎁 A gift. It can be seen in the Telegram app."
	case msg.Giveaway != nil, msg.GiveawayCreated != nil, msg.GiveawayWinners != nil, msg.GiveawayCompleted != nil:
		return "🎉 A giveaway. It can be seen in the Telegram app."
	case msg.WebAppData != nil:
		return "Data of the web app " + msg.WebAppData.ButtonText + ": " + msg.WebAppData.Data
	case msg.UsersShared != nil:
		return fmt.Sprintf("%d contacts were shared with the bot.", len(msg.UsersShared.Users))
	case msg.ChatShared != nil:
		return "The chat " + either(msg.ChatShared.Title, "without a name") + " was shared with the bot."
	}
	return ""
}

// money is an amount in the currency's smallest unit, of which nearly all have a hundred.
func money(amount int) string { return fmt.Sprintf("%d.%02d", amount/100, amount%100) }

// serviceText says what happened in a chat; "" if it is none of these. ref: reference/telegram-bot.md §3, Service
func serviceText(msg *models.Message) string {
	switch {
	case msg.GroupChatCreated, msg.SupergroupChatCreated:
		return "The group was made."
	case msg.MessageAutoDeleteTimerChanged != nil:
		return timerText(msg.MessageAutoDeleteTimerChanged.MessageAutoDeleteTime)
	case msg.PinnedMessage != nil:
		if pinned := msg.PinnedMessage.Message; pinned != nil {
			return "📌 Pinned: " + summary(pinned)
		}
		return "📌 Pinned an earlier message."
	case msg.WriteAccessAllowed != nil:
		return "The customer allowed the bot to write."
	case msg.ConnectedWebsite != "":
		return "The customer logged in to " + msg.ConnectedWebsite + " with Telegram."
	case msg.ProximityAlertTriggered != nil:
		return fmt.Sprintf("%s came within %d metres of %s.", nameOf(msg.ProximityAlertTriggered.Traveler), msg.ProximityAlertTriggered.Distance, nameOf(msg.ProximityAlertTriggered.Watcher))
	case msg.ChecklistTasksDone != nil:
		return fmt.Sprintf("☑ Checklist: %d done, %d no longer done.", len(msg.ChecklistTasksDone.MarkedAsDoneTaskIDs), len(msg.ChecklistTasksDone.MarkedAsNotDoneTaskIDs))
	case msg.ChecklistTasksAdded != nil:
		return fmt.Sprintf("☑ Checklist: %d tasks added.", len(msg.ChecklistTasksAdded.Tasks))
	case msg.PollOptionAdded != nil:
		return "📊 A new answer in the poll: " + msg.PollOptionAdded.OptionText
	case msg.PollOptionDeleted != nil:
		return "📊 An answer was taken out of the poll: " + msg.PollOptionDeleted.OptionText
	case msg.ChatBackgroundSet != nil:
		return "The chat has another background."
	case msg.BoostAdded != nil:
		return "The group was boosted."
	}
	return either(forumText(msg), videoChatText(msg))
}

func timerText(after int) string {
	if after == 0 {
		return "Messages here are no longer deleted by themselves on Telegram."
	}
	return fmt.Sprintf("Messages here are deleted on Telegram after %s. In this room they stay.", time.Duration(after)*time.Second)
}

func forumText(msg *models.Message) string {
	switch {
	case msg.ForumTopicCreated != nil:
		return "Topic made: " + msg.ForumTopicCreated.Name
	case msg.ForumTopicEdited != nil:
		return "The topic was changed."
	case msg.ForumTopicClosed != nil:
		return "The topic was closed."
	case msg.ForumTopicReopened != nil:
		return "The topic was opened again."
	case msg.GeneralForumTopicHidden != nil:
		return "The topic General was hidden."
	case msg.GeneralForumTopicUnhidden != nil:
		return "The topic General is shown again."
	}
	return ""
}

func videoChatText(msg *models.Message) string {
	switch {
	case msg.VideoChatScheduled != nil:
		return "📞 A video chat is planned for " + timeOf(msg.VideoChatScheduled.StartDate).Format("2 January 2006, 15:04 MST") + "."
	case msg.VideoChatStarted != nil:
		return "📞 A video chat began. Bots cannot take part."
	case msg.VideoChatEnded != nil:
		return "📞 The video chat ended."
	case msg.VideoChatParticipantsInvited != nil:
		return "📞 People were invited to the video chat."
	}
	return ""
}
