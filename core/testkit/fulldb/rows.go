package fulldb

import (
	"strings"
	"time"
)

// row is a row to insert: names of columns and their values, one after another.
type row struct {
	table  string
	values []any
}

const (
	odd   = "Ana \"Ñandú\"\t\\N 'x'\r\nsecond line 🙂" // everything that an encoding may trip over
	chat  = "chat-of-ana"
	login = "account"
	room  = "!room:example.com"
	desk  = "@puente_desk:example.com"
	ana   = "ana"
)

func key(letter string) string { return strings.Repeat(letter, 43) }

// raw is bytes of every value.
func raw() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

func at() time.Time { return time.Date(2026, 5, 4, 3, 2, 1, 987_654_000, time.UTC) }

// rows come in an order in which foreign keys find what they point to.
func rows() []row {
	return slicesOf(ownRows(), deskRows(), bridgeRows(), stateRows(), cryptoRows())
}

func slicesOf(parts ...[]row) (all []row) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func ownRows() []row {
	entry := func(key any, state string, payload []byte, finished any, reason string) row {
		return row{"pu_journal", []any{
			"source", "red", "key", key, "lane", "lane", "kind", "message", "payload", payload, "state", state, "attempts", 1,
			"next_at", int64(1_700_000_000_123), "received_at", int64(1_700_000_000_000), "finished_at", finished, "reason", reason,
		}}
	}
	return []row{
		entry("k1", "done", []byte{}, int64(1_700_000_000_456), ""),
		entry("k2", "waiting", raw(), nil, ""),
		entry(nil, "failed", []byte(`{"text":"`+"\u00e9"+`"}`), int64(1_700_000_000_789), odd),
		{"pu_outcome", []any{
			"event_id", "$sent", "room_id", room, "network", "red", "network_message_id", "n1", "state", "delivered",
			"attempt_started_at", int64(1_700_000_000_000), "attempts", 2, "updated_at", int64(1_700_000_001_000),
		}},
		{"pu_outcome", []any{"event_id", "$open", "room_id", room, "network", "red", "state", "sending", "updated_at", int64(1)}},
		{"pu_handle", []any{"network", "red", "kind", "user_id", "value", "US.1", "person", ana, "updated_at", int64(1_700_000_000_000)}},
		{"pu_agent", []any{"user_id", "@alice:example.com"}},
		{"pu_sync_position", []any{"user_id", desk, "next_batch", "s1_2_3", "updated_at", int64(1_700_000_000_000)}},
	}
}

func bridgeRows() []row {
	return []row{
		{"user", []any{"bridge_id", "red", "mxid", desk, "management_room", nil, "access_token", "token"}},
		{"user_login", []any{
			"bridge_id", "red", "user_mxid", desk, "id", login, "remote_name", odd, "remote_profile", `{"name":"x"}`, "metadata", `{"a":[1,2.5,null,"\"\\"]}`,
		}},
		portal("parent", "!space:example.com", nil),
		portal(chat, room, "parent"),
		{"ghost", []any{
			"bridge_id", "red", "id", ana, "name", odd, "avatar_id", "", "avatar_hash", "", "avatar_mxc", "", "name_set", true,
			"avatar_set", false, "contact_info_set", true, "is_bot", false, "identifiers", `["tel:x"]`, "metadata", `{}`,
		}},
		message("m1", "$one", nil),
		message("m2", "$two", "m1"),
		{"disappearing_message", []any{
			"bridge_id", "red", "mx_room", room, "mxid", "$one", "type", "after_read", "timer", int64(60), "disappear_at", int64(1_700_000_060_000),
		}},
		{"reaction", []any{
			"bridge_id", "red", "message_id", "m1", "message_part_id", "", "sender_id", ana, "emoji_id", "", "room_id", chat,
			"room_receiver", login, "mxid", "$reaction", "timestamp", int64(1_700_000_000_000), "emoji", "👍🏽", "metadata", `{}`,
		}},
		{"user_portal", []any{
			"bridge_id", "red", "user_mxid", desk, "login_id", login, "portal_id", chat, "portal_receiver", login, "in_space", false,
			"preferred", true, "last_read", int64(1_700_000_000),
		}},
		{"backfill_task", []any{
			"bridge_id", "red", "portal_id", chat, "portal_receiver", login, "user_login_id", login, "batch_count", 3, "is_done", true,
			"next_dispatch_min_ts", int64(9_223_372_036_854_775_807),
		}},
		{"kv_store", []any{"bridge_id", "red", "key", "k", "value", odd}},
		{"public_media", []any{"bridge_id", "red", "public_id", "p", "mxc", "mxc://example.com/x", "keys", nil, "mimetype", "image/png", "expiry", nil}},
	}
}

func portal(id, mxid string, parent any) row {
	receiver := ""
	if parent != nil {
		receiver = login
	}
	return row{"portal", []any{
		"bridge_id", "red", "id", id, "receiver", login, "mxid", mxid, "parent_id", parent, "parent_receiver", receiver,
		"relay_bridge_id", "red", "relay_login_id", login, "other_user_id", ana, "name", odd, "topic", "", "avatar_id", "", "avatar_hash", "",
		"avatar_mxc", "", "name_set", true, "avatar_set", false, "topic_set", true, "in_space", false, "room_type", "dm", "metadata", `{"n":12345678901234567890}`,
	}}
}

func message(id, mxid string, replyTo any) row {
	return row{"message", []any{
		"bridge_id", "red", "id", id, "part_id", "", "mxid", mxid, "room_id", chat, "room_receiver", login, "sender_id", ana,
		"sender_mxid", "@puente_red_ana:example.com", "timestamp", int64(1_700_000_000_123_456_789), "edit_count", 0, "double_puppeted", nil,
		"reply_to_id", replyTo, "metadata", `{}`,
	}}
}

func stateRows() []row {
	return []row{
		{"mx_registrations", []any{"user_id", desk}},
		{"mx_user_profile", []any{"room_id", room, "user_id", desk, "membership", "join", "displayname", odd, "avatar_url", "", "name_skeleton", raw()}},
		{"mx_room_state", []any{"room_id", room, "power_levels", `{"users":{"@a:b":100}}`, "encryption", nil, "members_fetched", true}},
	}
}

func cryptoRows() []row {
	const account = "red"
	return []row{
		{"crypto_account", []any{"account_id", account, "device_id", "DEVICE", "shared", true, "sync_token", "s1", "account", raw()}},
		{"crypto_message_index", []any{"session_id", key("a"), "index", 7, "event_id", "$one", "timestamp", int64(1_700_000_000_000)}},
		{"crypto_tracked_user", []any{"user_id", "@alice:example.com", "devices_outdated", true}},
		{"crypto_device", []any{
			"user_id", "@alice:example.com", "device_id", "PHONE", "identity_key", key("b"), "signing_key", key("c"), "trust", -100, "deleted", false, "name", odd,
		}},
		{"crypto_olm_session", []any{
			"account_id", account, "session_id", key("d"), "sender_key", key("b"), "session", raw(), "created_at", at(), "last_decrypted", at(), "last_encrypted", at(),
		}},
		{"crypto_olm_message_hash", []any{"account_id", account, "received_at", int64(1_700_000_000_000), "message_hash", raw()[:32]}},
		{"crypto_megolm_inbound_session", []any{
			"account_id", account, "session_id", key("e"), "sender_key", key("b"), "signing_key", nil, "room_id", room, "session", raw(),
			"ratchet_safety", `{"next_index":1}`, "received_at", at(), "max_age", int64(604_800_000), "max_messages", 100,
		}},
		{"crypto_megolm_outbound_session", []any{
			"account_id", account, "room_id", room, "session_id", key("f"), "session", raw(), "shared", true, "max_messages", 100,
			"message_count", 3, "max_age", int64(604_800_000), "created_at", at(), "last_used", at(),
		}},
		{"crypto_megolm_outbound_session_shared", []any{"user_id", "@alice:example.com", "identity_key", key("b"), "session_id", key("f")}},
		{"crypto_cross_signing_keys", []any{"user_id", "@alice:example.com", "usage", "master", "key", key("g"), "first_seen_key", key("g")}},
		{"crypto_cross_signing_signatures", []any{
			"signed_user_id", "@alice:example.com", "signed_key", key("g"), "signer_user_id", desk, "signer_key", key("h"), "signature", key("i") + key("j") + "==",
		}},
		{"crypto_secrets", []any{"account_id", account, "name", "m.megolm_backup.v1", "secret", raw()}},
	}
}
