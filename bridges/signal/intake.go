package signal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"puente/bridges/signal/daemon"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// receive puts what the daemon hands over into the journal. The daemon has no acknowledgement and forgets what it has
// written, so nothing more is read before this is kept: what is not read waits on Signal's server.
// ref: reference/signal-cli.md §2, losing messages
func (c *Connector) receive(ctx context.Context, news daemon.News) {
	entry := c.entry(news)
	for told := false; ; told = true {
		err := c.env.Intake.Take(ctx, entry)
		if err == nil {
			return
		} else if ctx.Err() != nil || clock.Sleep(ctx, c.clock, keepEvery) != nil {
			c.log.Error().Err(err).Str("kind", entry.Kind).Msg("Stopped before what Signal sent could be kept; it is lost")
			return
		} else if !told {
			c.log.Error().Err(err).Str("kind", entry.Kind).Msg("Could not keep what Signal sent; nothing more is read until it is kept")
		}
	}
}

// keepEvery is how often it is tried again to keep something. It is less than pauseLimit: a Puente that ends because
// another one has taken over reaches the database again, and must not sleep through that.
const keepEvery = time.Second

// pauseLimit is how long the daemon may take to stop handing over, and what it handed over to be kept.
const pauseLimit = 3 * time.Second

// Pause implements network.Pauser: the daemon hands over nothing more, and what comes waits on Signal's server. Agents'
// messages still go out; what comes of them is told after the restart.
func (c *Connector) Pause() {
	if err := c.daemon.Pause(pauseLimit); err != nil {
		c.log.Warn().Err(err).Msg("The signal-cli daemon does not end its subscriptions; what it has handed over meanwhile may be lost")
	}
}

// Hold implements network.Pauser: the accounts are unsubscribed, or subscribed again, by whoever watches over the
// connection. What comes meanwhile waits on Signal's server. ref: reference/signal-cli.md §2, losing messages
func (c *Connector) Hold(held bool) {
	c.held.Store(held)
	c.lookNow()
}

// kindBroken is what cannot be read at all.
const kindBroken = "broken"

// entry is what a notification is in the journal. What is broken is kept too, as failed.
func (c *Connector) entry(news daemon.News) network.Entry {
	if news.Broken != nil {
		return brokenEntry(news.Raw, news.Broken)
	}
	got, err := daemon.ParseReceived(news.Raw)
	if err != nil {
		return brokenEntry(news.Raw, err)
	}
	kind := got.Kind()
	entry := network.Entry{Kind: string(kind), Payload: news.Raw}
	account := "unknown-" + hashed(got.Account)
	client, err := c.client(got.Account)
	if err == nil {
		account = client.self()
	} else {
		entry.Failed = errs.Message(err)
	}
	entry.Key = entryKey(account, kind, got)
	entry.Lane = account + ":" + c.chatOf(client, got)
	return entry
}

func brokenEntry(raw []byte, why error) network.Entry {
	sum := sha256.Sum256(raw)
	return network.Entry{Key: "broken:" + hex.EncodeToString(sum[:]), Kind: kindBroken, Payload: raw, Failed: why.Error()}
}

// entryKey is how a repetition is known: Signal names a message by its author, device and timestamp. What may be several
// things at one timestamp has a hash of them behind it.
func entryKey(account string, kind daemon.Kind, got *daemon.Received) string {
	e := got.Envelope
	key := fmt.Sprintf("%s:%s:%d:%d:%s", account, sender(e), e.SourceDevice, e.Timestamp, kind)
	switch {
	case e.Receipt != nil:
		key += detail(e.Receipt.IsDelivery, e.Receipt.IsRead, e.Receipt.IsViewed, e.Receipt.Timestamps)
	case e.Typing != nil:
		key += ":" + e.Typing.Action
	case e.Sync != nil && e.Sync.Sent == nil:
		key += detail(e.Sync.Type, e.Sync.Read)
	case got.Exception != nil:
		key += ":" + got.Exception.Type
	}
	return key
}

func detail(parts ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, parts...))
	return ":" + hex.EncodeToString(sum[:8])
}

// sender is who sent it, without showing a number.
func sender(e daemon.Envelope) string {
	switch {
	case e.SourceUUID != "":
		return strings.ToLower(e.SourceUUID)
	case e.SourceNumber != "":
		return "number-" + hashed(e.SourceNumber)
	}
	return "unknown"
}

// chatOf is the chat that it belongs to: one person's, or a group's. A receipt is in the lane of who sent it, since it
// does not say which chat it is about.
func (c *Connector) chatOf(client *Client, got *daemon.Received) string {
	if group := got.GroupID(); group != "" {
		return groupPrefix + group
	}
	e := got.Envelope
	if e.Sync == nil {
		return sender(e)
	}
	if sent := e.Sync.Sent; sent != nil && (sent.DestinationUUID != "" || sent.DestinationNumber != "") {
		return sender(daemon.Envelope{SourceUUID: sent.DestinationUUID, SourceNumber: sent.DestinationNumber})
	} else if len(e.Sync.Read) > 0 && client != nil {
		return "read"
	}
	return "sync"
}

// errUnknown is something that this version of Puente has no words for.
var errUnknown = errors.New("of a kind that this version of Puente does not know")
