package inbox

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
)

// Options is what an inbox is made of.
type Options struct {
	Settings
	// DB may be one whose commits are durable a moment later (store.OpenRelaxed): everything comes from the journal.
	DB        *dbutil.Database
	Customers *customer.Customers
	Consent   *consent.Ledger // who may be asked how it was; nil: without a survey
	Audit     *audit.Log
	Rooms     channel.Rooms
	// CardLines are further lines of a conversation's card, in Markdown, by who knows more; nil: none.
	CardLines func(ctx context.Context, c *Conversation) ([]string, error)
	Clock     clock.Clock
	Log       zerolog.Logger
}

// Inbox is the shared inbox. It implements channel.Listener and channel.Clerk.
type Inbox struct {
	Options
	Clerk
	store    *store
	agents   *agents
	wake     chan struct{} // something is to be shown
	cancel   context.CancelFunc
	running  sync.WaitGroup
	patience *patience
	shownTo  []string // whose views are up to date; the presenter's
}

// New makes an inbox; nothing runs yet.
func New(opts Options) *Inbox {
	i := &Inbox{Options: opts, store: &store{db: opts.DB, clock: opts.Clock}, wake: make(chan struct{}, 1), patience: newPatience(opts.Clock)}
	i.agents = newAgents(i)
	i.Clerk = NewClerk(i, i.commands())
	return i
}

// Start begins to show conversations, and to do what is due.
func (i *Inbox) Start(ctx context.Context) {
	ctx, i.cancel = context.WithCancel(context.WithoutCancel(ctx))
	i.running.Add(2)
	go func() { defer i.running.Done(); i.present(ctx) }()
	go func() { defer i.running.Done(); i.watch(ctx) }()
}

// Stop ends what Start began and waits for it.
func (i *Inbox) Stop() {
	if i.cancel != nil {
		i.cancel()
	}
	i.running.Wait()
}

// deed is what is done to a conversation.
type deed struct {
	action string // for the audit log: "conversation.assigned"
	by     string // who does it
	// do changes the conversation, within the transaction; an error undoes everything.
	do func(ctx context.Context, c *Conversation) error
}

// change does a deed: the change, its entry in the audit log and that the room is to show it are one transaction.
func (i *Inbox) change(ctx context.Context, conversation string, what deed) (before, after *Conversation, err error) {
	err = i.store.txn(ctx, func(ctx context.Context) error {
		if after, err = i.store.locked(ctx, conversation); err != nil {
			return err
		}
		copied := *after
		copied.Labels = slices.Clone(after.Labels)
		before = &copied
		if err = what.do(ctx, after); err != nil {
			return err
		}
		if after.sees(before) || i.waitsLong(after) != i.waitsLong(before) {
			after.version++
			if err = i.audit(ctx, what, before, after); err != nil {
				return err
			}
		}
		return i.store.save(ctx, after)
	})
	if err != nil {
		return nil, nil, err
	}
	if after.version > before.version {
		i.showSoon()
	}
	return before, after, nil
}

// audit notes what a deed changed.
func (i *Inbox) audit(ctx context.Context, what deed, before, after *Conversation) error {
	was, is := audit.Facts{}, audit.Facts{}
	differ := func(name string, old, new any) {
		if fmt.Sprint(old) != fmt.Sprint(new) {
			was[name], is[name] = old, new
		}
	}
	differ("status", before.Status, after.Status)
	differ("snoozed_until", stamp(before.SnoozedUntil), stamp(after.SnoozedUntil))
	differ("assignee", before.Assignee, after.Assignee)
	differ("team", before.Team, after.Team)
	differ("priority", before.Priority, after.Priority)
	differ("labels", before.Labels, after.Labels)
	if len(is) == 0 {
		return nil
	}
	err := i.Audit.Write(ctx, audit.Entry{
		At: i.Clock.Now(), Actor: what.by, Action: what.action, Object: "conversation", ObjectID: after.ID, Before: was, After: is,
	})
	return errs.Temporary(err, 0)
}

// showSoon has the presenter look for what is to be shown.
func (i *Inbox) showSoon() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Find returns the conversation of a room, or errs.ErrNotFound.
func (i *Inbox) Find(ctx context.Context, room string) (*Conversation, error) {
	return i.store.byRoom(ctx, room)
}

// OfCustomer lists a customer's conversations, the one with the latest message of the customer's first.
func (i *Inbox) OfCustomer(ctx context.Context, id string) ([]*Conversation, error) {
	return i.store.list(ctx, byCustomerQuery, id)
}

// Get returns a conversation by its ID, or an errs.ErrNotFound.
func (i *Inbox) Get(ctx context.Context, id string) (*Conversation, error) {
	return i.store.byID(ctx, id)
}

// Show has a conversation's room show anew what is known of it. Within a transaction the conversation is locked until its
// end.
func (i *Inbox) Show(ctx context.Context, id string) error {
	changed, err := i.store.exec(ctx, "have a room shown", touchQuery, id, i.store.now())
	if changed {
		i.showSoon()
	}
	return err
}

// Touch has the rooms of a customer show anew what is known of them.
func (i *Inbox) Touch(ctx context.Context, customer string) error {
	changed, err := i.store.exec(ctx, "have a customer's rooms shown", touchOfCustomer, customer, i.store.now())
	if changed {
		i.showSoon()
	}
	return err
}
