// Package emulator plays Meta's WhatsApp Cloud API and the phones of a business's customers, so that Puente can be
// tried, shown and tested without an account at Meta. `puente demo` runs on it.
//
// It speaks the provider's wire format on both sides: the Graph API under /v{N}.0/ that the business calls, media
// bytes under /media/, and signed webhooks to the callback. It shares no types with Puente's own client, so that a
// mistake in one is caught by the other. At / a person finds one phone per customer, and plays the customer; in Go
// the same is done with Chat. The source of every rule is reference/whatsapp-cloud.md.
//
// # Use
//
//	e := emulator.New(emulator.Options{AppSecret: …, VerifyToken: …, AccessToken: …, WABAID: …, Numbers: …, CallbackURL: …})
//	base, err := e.Start(ctx, "127.0.0.1:0") // base is the Graph base URL and the address of the phone page
//	defer e.Stop()
//	ana, err := e.AddCustomer(emulator.Customer{Name: "Ana", WaID: "16505551234"})
//	chat, err := e.Chat(ana.UserID, phoneNumberID)
//	wamid, err := chat.SendText("hello")
//	phone, err := e.Wait(ctx, ana.UserID, func(p emulator.Phone) bool { return len(p.Messages) == 2 })
//
// # Failures at will
//
// The last four digits of a customer's phone number choose how sending to them fails:
//
//	0026  taken, then a failed status with 131026
//	0056  131056 (pair rate) once per message
//	0131  templates are refused with 132015
//	0190  HTTP 401 with code 190
//	0408  taken, but the connection is cut before the answer; the statuses come
//	0429  130429 once per message, or Options.RateLimitFailures times
//	0470  131047: the 24-hour window is closed
//	0471  the same, as a failed status after acceptance
//	0500  HTTP 500 with code 131000, always
//	0501  HTTP 500 with code 131000 once per message
//
// FailNext makes any next Graph calls fail. Webhooks can be doubled (Options.Duplicate), reordered (Options.Order),
// batched (Options.BatchSize), held back (Hold, Release) and delivered but counted as failed (CutAnswers).
// A template whose name contains "reject" is rejected on review.
//
// # What is not imitated
//
// Graph paths: registration of numbers (request_code, verify_code, register, deregister, two-step PIN), settings of
// numbers (identity check, calling, storage), display names and usernames, QR codes and short links, resumable
// uploads (/{app}/uploads) and so profile pictures and template samples are taken as given, editing templates,
// archiving them, template analytics, flows, catalogues and commerce settings, payments, conversational components,
// /{pnid}/marketing_messages, /{pnid}/calls, groups' management (create, invite links, join requests, participants),
// the contact book, smb_app_data, business and app management, OAuth and Embedded Signup.
//
// Messages to customers: the interactive types flow, product, product_list, catalog_message, address_message,
// call_permission_request, voice_call and carousel; pins in groups; template components of the kinds carousel,
// limited-time offer, OTP, flow, catalogue and products; recipient_identity_key_hash is taken and not checked;
// link previews. Media given by link are fetched as Meta does, without its ten-minute cache.
//
// Webhooks: history and smb_app_state_sync, group lifecycle and participants, quality, category and component updates
// of templates, number quality and names, account and capability updates, security, payments, flows, errors without
// messages (Enqueue and Raw send any of these by hand). identity_key_hash, parent IDs of groups and the conversation
// object of statuses are absent. Mutual TLS is not used.
//
// Rules: throughput, pair and management rates, messaging limits and spam limits are never reached by themselves, only
// by magic; usage headers are absent; every number is of good quality and every template is scored GREEN. Messages do
// not expire. A username hides the number until the business writes to it (then for 30 days) or the customer
// shares it; calls and Meta's automatic contact book are not counted. Prices follow no price list. Bit depth, codecs
// and dimensions of media are not checked, only type, size and the first bytes; video may have any codec. Sending to
// a blocked customer answers 131026, which is a guess. Read marks in groups are refused. Webhooks stay in order behind
// one that fails, where Meta would go on with later ones.
package emulator
