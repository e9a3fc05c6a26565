package customer

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
)

// conversation is what of a conversation tells whose it is.
type conversation struct {
	id, network, chat string
	at                int64 // when it began; of a group, when the customer was last heard in it
}

const (
	conversationsQuery    = `SELECT id, network, chat, created_at FROM pu_conversation WHERE customer=$1 ORDER BY id`
	groupsQuery           = `SELECT c.id, c.network, c.chat, p.last_in_at FROM pu_participant p JOIN pu_conversation c ON c.id=p.conversation WHERE p.customer=$1 ORDER BY c.id`
	moveConversationQuery = `UPDATE pu_conversation SET customer=$2 WHERE id=$1`
	moveMessagesQuery     = `UPDATE pu_message SET author=$2 WHERE conversation=$1 AND direction='in' AND (author=$3 OR $3='')`
)

// ownerOf tells which customer of those contacts a conversation belongs to. A private chat has the ID of the person that
// it is with, on all networks whose bridge can tell; that is certain. Else it belongs to the one customer who has a
// contact on its network, or to "" if there are several, or none.
func ownerOf(network, chat string, contacts []Contact) (owner string, certain bool) {
	several := false
	for _, contact := range contacts {
		switch {
		case contact.Network != network:
		case contact.Person == chat:
			return contact.Customer, true
		case owner == "":
			owner = contact.Customer
		case owner != contact.Customer:
			several = true
		}
	}
	if several {
		return "", false
	}
	return owner, false
}

// conversationsOf lists what conversationsQuery or groupsQuery finds.
func (s *Customers) conversationsOf(ctx context.Context, query, customer string) ([]conversation, error) {
	rows, err := s.db.Query(ctx, query, customer)
	list, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (c conversation, err error) {
		err = row.Scan(&c.id, &c.network, &c.chat, &c.at)
		return c, err
	}, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list conversations of customer %s: %w", customer, err)
	}
	return list, nil
}

// moveConversations gives those of a customer's private conversations that go to another, with what author wrote in them;
// "" is whichever customer wrote. Their rooms are shown anew when both customers are saved.
func (s *Customers) moveConversations(ctx context.Context, from, to, author string, goes func(conversation) bool) error {
	list, err := s.conversationsOf(ctx, conversationsQuery, from)
	if err != nil {
		return err
	}
	for _, one := range list {
		if !goes(one) {
			continue
		}
		if _, err = s.db.Exec(ctx, moveConversationQuery, one.id, to); err != nil {
			return fmt.Errorf("move conversation %s: %w", one.id, err)
		}
		if _, err = s.db.Exec(ctx, moveMessagesQuery, one.id, to, author); err != nil {
			return fmt.Errorf("move messages of conversation %s: %w", one.id, err)
		}
	}
	return nil
}
