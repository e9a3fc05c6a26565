package emulator

import (
	"slices"
	"time"
)

// updateLife is how long an update waits for its bot. ref: reference/telegram-bot.md §2
const updateLife = 24 * time.Hour

// updateTypes are the types of update that are served, and whether a bot gets them without asking.
// ref: reference/telegram-bot.md §2, allowed_updates
func updateTypes() map[string]bool {
	return map[string]bool{
		"message": true, "edited_message": true, "channel_post": true, "edited_channel_post": true,
		"business_connection": true, "business_message": true, "edited_business_message": true,
		"deleted_business_messages": true, "callback_query": true, "poll": true, "poll_answer": true, "my_chat_member": true,
		"chat_member": false, "message_reaction": false, "message_reaction_count": false,
		// Known, and never made here.
		"guest_message": true, "inline_query": true, "chosen_inline_result": true, "shipping_query": true,
		"pre_checkout_query": true, "purchased_paid_media": true, "chat_join_request": true, "chat_boost": true,
		"removed_chat_boost": true, "managed_bot": true,
	}
}

func (b *botState) wants(kind string) bool {
	if len(b.Allowed) > 0 {
		return slices.Contains(b.Allowed, kind)
	}
	return updateTypes()[kind]
}

// setAllowed takes over allowed_updates, which sticks; names that nobody knows are passed over.
func (c *call) setAllowed() {
	if !c.has("allowed_updates") {
		return
	}
	c.b.Allowed = nil
	for _, v := range c.list("allowed_updates") {
		name, _ := v.(string)
		if _, known := updateTypes()[name]; known {
			c.b.Allowed = append(c.b.Allowed, name)
		}
	}
}

// enqueue gives a bot an update. The caller holds mu.
func (e *Emulator) enqueue(b *botState, chatKey, kind string, body any) {
	defer e.touch()
	if b == nil || !b.wants(kind) {
		return
	}
	raw, err := marshal(body)
	if err != nil {
		e.log.Err(err).Str("update", kind).Msg("Update not made")
		return
	}
	u := &update{Kind: kind, Chat: chatKey, Made: e.clock.Now(), Body: raw}
	if e.held {
		b.Held = append(b.Held, u)
		return
	}
	e.number(b, u)
}

// number gives an update its place in the queue. The caller holds mu.
func (e *Emulator) number(b *botState, u *update) {
	u.ID = b.NextUpdate
	b.NextUpdate++
	u.Due = e.clock.Now().Add(e.opt.Latency.Draw())
	if n := len(b.Queue); n > 0 && b.Queue[n-1].Due.After(u.Due) {
		u.Due = b.Queue[n-1].Due
	}
	b.Queue = append(b.Queue, u)
}

// wire is an update as bots get it.
func (u *update) wire() object { return object{"update_id": u.ID, u.Kind: u.Body} }

// Hold keeps all new updates back until Release.
func (e *Emulator) Hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// Release lets held updates go, the newest first if reversed.
func (e *Emulator) Release(reversed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = false
	for _, b := range e.st.Bots {
		if reversed {
			slices.Reverse(b.Held)
		}
		for _, u := range b.Held {
			e.number(b, u)
		}
		b.Held = nil
	}
	e.touch()
}

// Redeliver gives a bot its last n confirmed updates once more, under the numbers that they had, as after a fault of
// the server.
func (e *Emulator) Redeliver(botID int64, n int) error {
	return e.onBot(botID, func(b *botState) {
		b.Again = append(b.Again, b.Confirmed[max(0, len(b.Confirmed)-n):]...)
	})
}

// Inject gives a bot an update of any kind, made by hand.
func (e *Emulator) Inject(botID int64, kind string, body map[string]any) error {
	return e.onBot(botID, func(b *botState) {
		raw, err := marshal(body)
		if err == nil {
			e.number(b, &update{Kind: kind, Chat: "injected", Made: e.clock.Now(), Body: raw})
		}
	})
}

// CutAnswers makes the next n answers to getUpdates that carry updates, or the next n webhooks, get lost on the way:
// the bot may have got them, but nothing is confirmed.
func (e *Emulator) CutAnswers(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cut += n
}

// Waiting returns how many updates of a bot are not confirmed yet.
func (e *Emulator) Waiting(botID int64) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.st.bot(botID)
	if b == nil {
		return 0
	}
	return len(b.Queue) + len(b.Again) + len(b.Held)
}

// dropOld drops updates that nobody took for a day. The caller holds mu.
func (e *Emulator) dropOld(b *botState) {
	now := e.clock.Now()
	b.Queue = slices.DeleteFunc(b.Queue, func(u *update) bool { return now.Sub(u.Made) > updateLife })
}

// maxConfirmed is how many confirmed updates are kept for Redeliver.
const maxConfirmed = 200

// confirm takes updates off the queue. The caller holds mu.
func (e *Emulator) confirm(b *botState, taken func(*update) bool) {
	kept := b.Queue[:0:0]
	for _, u := range b.Queue {
		if !taken(u) {
			kept = append(kept, u)
			continue
		}
		b.Confirmed = append(b.Confirmed, u)
		if e.opt.Duplicate && b.Hook.URL == "" {
			b.Again = append(b.Again, u)
		}
	}
	if len(kept) != len(b.Queue) {
		e.touch()
	}
	b.Queue = kept
	b.Confirmed = b.Confirmed[max(0, len(b.Confirmed)-maxConfirmed):]
}
