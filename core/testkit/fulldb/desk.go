package fulldb

const (
	customerID     = "cus_5tmr2jd7wxqkq4gyb3ahn6zpvc"
	mergedID       = "cus_6tmr2jd7wxqkq4gyb3ahn6zpvc"
	conversationID = "con_5tmr2jd7wxqkq4gyb3ahn6zpvc"
	alice          = "@alice:example.com"
	noon           = int64(1_700_000_000_000)
)

// deskRows are one customer with one conversation, and another who turned out to be the same.
func deskRows() []row {
	return slicesOf(customerRows(), conversationRows(), []row{
		{"pu_audit", []any{
			"at", noon, "actor", alice, "action", "conversation.assigned", "object", "conversation", "object_id", conversationID,
			"before", `{"assignee":""}`, "after", `{"assignee":"@alice:example.com"}`,
		}},
		{"pu_note", []any{"event_id", "$note", "room_id", room}},
		{"pu_face", []any{
			"room_id", room, "card_event", "$card", "card_edits", int64(3), "card", "a1", "pinned", "$card", "topic", "b2", "facts", "c3", "buttons", "✋ ✅",
		}},
		{"pu_view", []any{"key", "mine:" + alice, "room_id", "!view:example.com", "name", "Mine", "topic", odd, "members", alice}},
		{"pu_view_room", []any{"room_id", room, "view", "mine:" + alice, "place", "001"}},
		{"pu_availability", []any{"agent", alice, "said", "busy", "presence", "online", "state", "busy", "since", noon, "given_at", noon}},
		{"pu_canned_response", []any{"short_code", "hello", "content", odd, "changed_by", alice, "changed_at", noon}},
		{"pu_consent", []any{
			"source", "keyword", "key", "in:$stop", "customer", customerID, "network", "", "purpose", "", "state", "out", "event_id", "$stop",
			"conversation", conversationID, "actor", customerID, "at", noon, "recorded_at", noon,
		}},
		{"pu_guest", []any{"conversation", conversationID, "guest", "@partner:example.org", "until", noon + 1, "invited_by", alice, "invited_at", noon}},
		{"pu_link", []any{"id", "lin_1", "one", conversationID, "other", conversationID, "linked_by", alice, "linked_at", noon, "ended_by", alice, "ended_at", noon}},
		{"pu_fallback", []any{"original", "$one", "conversation", conversationID, "copy", "$elsewhere"}},
		{"pu_link_copy", []any{"original", "$one", "link", "lin_1", "copy", "$copied"}},
		{"pu_consent_move", []any{"customer", mergedID, "survivor", customerID, "moved_at", noon}},
	})
}

func customerRows() []row {
	return []row{
		{"pu_customer", []any{
			"id", customerID, "name", odd, "named_by", alice, "language", "de-AT", "attributes", `{"email":"ana@example.com"}`, "preferred", "red",
			"preferred_by", customerID, "created_at", noon, "updated_at", noon, "search", "ana",
		}},
		{"pu_customer", []any{"id", mergedID, "name", "Ana", "blocked_at", noon, "merged_into", customerID, "created_at", noon, "updated_at", noon}},
		{"pu_contact", []any{"network", "red", "person", ana, "customer", customerID, "name", odd, "created_at", noon}},
		{"pu_customer_label", []any{"customer", customerID, "label", "vip"}},
		{"pu_customer_key", []any{"customer", customerID, "kind", "email", "value", "ana@example.com"}},
		{"pu_merge", []any{"merged", mergedID, "survivor", customerID, "merged_by", alice, "merged_at", noon, "moved", `{"contacts":[]}`}},
	}
}

func conversationRows() []row {
	return []row{
		{"pu_conversation", []any{
			"id", conversationID, "network", "red", "account", login, "chat", chat, "room_id", room, "customer", customerID, "name", odd,
			"status", "snoozed", "snoozed_until", noon + 1, "assignee", alice, "assigned_at", noon, "team", "sales", "priority", "high",
			"labels", "refund vip", "waiting_since", noon, "opened_at", noon, "last_in_at", noon, "created_at", noon, "version", int64(4), "shown", int64(3), "changed_at", noon,
		}},
		{"pu_participant", []any{"conversation", conversationID, "customer", customerID, "last_in_at", noon}},
		{"pu_message", []any{"event_id", "$one", "conversation", conversationID, "direction", "in", "author", customerID, "kind", "text", "at", noon, "state", ""}},
		{"pu_response", []any{
			"conversation", conversationID, "kind", "first_response", "began_at", noon, "ended_at", noon + 5, "business", int64(5), "agent", alice, "team", "sales",
		}},
		{"pu_closing", []any{"conversation", conversationID, "at", noon, "agent", alice, "category", "refund", "summary", odd, "score", 5, "feedback", odd, "asked_at", noon}},
	}
}
