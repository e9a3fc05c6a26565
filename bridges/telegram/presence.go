package telegram

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
)

// Telegram shows for five seconds that somebody types. ref: reference/telegram-bot.md §4, sendChatAction
const (
	typingEvery = 4 * time.Second
	// typingLasts bounds for how long it is said again if nobody says that the typing ended.
	typingLasts = time.Minute
)

// typing is in which chats the business types now.
type typing struct {
	mu      sync.Mutex
	now     map[networkid.PortalID]context.CancelFunc
	working sync.WaitGroup
}

// HandleMatrixTyping implements bridgev2.TypingHandlingNetworkAPI. It is said again and again while an agent types.
func (cl *Client) HandleMatrixTyping(ctx context.Context, msg *bridgev2.MatrixTyping) error {
	if !cl.connector.config.Typing {
		return nil
	}
	chat := msg.Portal.ID
	cl.typing.end(chat)
	if !msg.IsTyping || cl.mayWrite(msg.Portal) != nil {
		return nil
	}
	to, err := cl.addressOf(ctx, msg.Portal)
	if err != nil {
		return err
	}
	api, err := cl.api()
	if err != nil {
		return err
	}
	cl.typing.begin(chat, func(ctx context.Context) { cl.keepTyping(ctx, api, to) })
	return nil
}

// keepTyping shows that the business types until ctx ends. It is an ornament: no failure of it counts, but it is not
// said to a chat that does not want it.
func (cl *Client) keepTyping(ctx context.Context, api *botapi.Client, to address) {
	for range typingLasts / typingEvery {
		_, err := api.SendChatAction(ctx, &bot.SendChatActionParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Action: models.ChatActionTyping,
		})
		if err != nil {
			if ctx.Err() == nil {
				cl.connector.log.Debug().Err(err).Msg("Could not show that an agent types")
			}
			return
		}
		if clock.Sleep(ctx, cl.connector.clock, typingEvery) != nil {
			return
		}
	}
}

// begin runs work for a chat until end or stop is called.
func (t *typing) begin(chat networkid.PortalID, work func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	t.mu.Lock()
	t.now[chat] = cancel
	t.mu.Unlock()
	t.working.Add(1)
	go func() {
		defer t.working.Done()
		defer cancel()
		work(ctx)
	}()
}

func (t *typing) end(chat networkid.PortalID) {
	t.mu.Lock()
	cancel := t.now[chat]
	delete(t.now, chat)
	t.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// stop ends all of it and waits.
func (t *typing) stop() {
	t.mu.Lock()
	for chat, cancel := range t.now {
		cancel()
		delete(t.now, chat)
	}
	t.mu.Unlock()
	t.working.Wait()
}

// HandleMatrixReadReceipt implements bridgev2.ReadReceiptHandlingNetworkAPI. Only a business account can say that it has
// read, if its owner gave the right; bots cannot. ref: reference/telegram-bot.md §5, readBusinessMessage
func (cl *Client) HandleMatrixReadReceipt(ctx context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	meta := receipt.Portal.Metadata.(*PortalMeta)
	if !cl.isBusiness() || !cl.business().Rights.CanReadMessages || cl.mayWrite(receipt.Portal) != nil {
		return nil
	}
	target := meta.LastInboundID
	if exact := receipt.ExactMessage; exact != nil && exact.SenderID != cl.GetUserID() {
		if _, message, ok := readMessageID(exact.ID); ok {
			target = message
		}
	} else if receipt.ReadUpTo.Before(meta.LastInbound) {
		return nil // what was read is older than what the customer wrote last
	}
	if target == 0 || target <= meta.LastReadID {
		return nil
	}
	to, err := cl.addressOf(ctx, receipt.Portal)
	if err != nil {
		return err
	}
	api, err := cl.api()
	if err != nil {
		return err
	}
	_, err = api.ReadBusinessMessage(ctx, &bot.ReadBusinessMessageParams{BusinessConnectionID: to.connection, ChatID: to.chat, MessageID: target})
	cl.noteAccount(err)
	if err != nil {
		return fmt.Errorf("mark as read: %w", err)
	}
	meta.LastReadID = target
	if err = receipt.Portal.Save(ctx); err != nil {
		return fmt.Errorf("note what was marked as read: %w", err)
	}
	return nil
}
