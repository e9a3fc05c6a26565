// Package emulator plays a signal-cli daemon with several accounts, the phones of a business's customers and the
// business's own phone, so that Puente can be tried, shown and tested without a Signal account. `puente demo` runs on
// it.
//
// It speaks the daemon's JSON-RPC 2.0, one JSON object a line, over a UNIX socket or TCP, and shares no types with
// Puente's own client, so that a mistake in one is caught by the other. The source of every rule is
// reference/signal-cli.md.
//
// # Use
//
//	e := emulator.New(emulator.Options{Accounts: []emulator.Account{{Number: "+4930123456", Name: "Lucky Shrub", Phone: true}}})
//	address, err := e.Start(ctx, "unix:/run/signal.sock") // or "tcp:127.0.0.1:0"
//	defer e.Stop()
//	ana, err := e.AddCustomer(emulator.Customer{Name: "Ana"})
//	chat, err := e.Chat(ana.ACI, "+4930123456")
//	ref, err := chat.SendText("hello")
//	phone, err := e.Wait(ctx, ana.ACI, func(p emulator.Phone) bool { return len(p.Messages) == 2 })
//
// Chat and GroupChat are conversations on a customer's phone; Own is one on the business's own phone, of which the
// daemon hears by sync messages. Messages are named by Ref: author and timestamp. Network shows all phones on the
// shared phone page, where the own phones stand last: their setting "linked" scans a link code or unlinks the daemon.
// Inspection: Phone, Wait, Daemon, WaitDaemon, LastParams, Calls, UnknownParams, Ignored.
//
// Linking: after startLink, Scan plays the owner with the phone (Options.Phones, AddAccount). Registering: the captcha
// is any signalcaptcha:// link that does not contain "wrong", VerificationCode is what the SMS says, SetPIN locks.
//
// # Failures at will
//
// The last four digits of a customer's phone number choose how sending to them fails (not typing and receipts);
// "once" is counted per message, by method and parameters:
//
//	0400  the answer is no JSON, and nothing was sent
//	0404  UNREGISTERED_FAILURE
//	0408  sent, but the connection is cut before the answer; receipts come
//	0409  IDENTITY_FAILURE from the first message on, until trust
//	0413  RATE_LIMIT_FAILURE until retryAfterSeconds have passed
//	0429  RATE_LIMIT_FAILURE with a challenge's token, once or Options.RateLimitFailures times
//	0500  error -3, always
//	0501  error -3, once
//	0503  NETWORK_FAILURE, once
//
// In a group they make partial failures; 0400, 0408, 0500 and 0501 do nothing there. A number that ends in 0429 cannot
// be registered. FailNext and FailNextWith make any next requests fail, be answered with nonsense or not at all, or
// break the connection before or after they were done. Notifications can be doubled (Options.Duplicate), late
// (Options.Latency), held back (Hold, Release) and reversed (Options.Order). CutConnections, Stop and Start at the same
// address, Unlink (the account is gone), Reinstall (the safety number changes), SetOnline, SetBlocks, SetRegistered and
// SendUndecryptable do what their names say. Enqueue hands over an envelope made by hand.
//
// What is sent to no effect (an edit of an unknown message or of an older version, typing before a message request was
// accepted, a style outside the text) is answered as the daemon does, with SUCCESS, and noted in Ignored.
//
// # Versions
//
// An edit names the latest version by its timestamp, on phones and for the daemon; all else names a message by its first.
//
// # Safety numbers
//
// A customer's first identity key is trusted. After Reinstall, sends fail with IDENTITY_FAILURE, and what the customer
// sends arrives as an envelope without content and the exception UntrustedIdentityException. After trust it arrives
// once more, with its content and the same timestamp.
//
// # What is not imitated
//
// Transport: HTTP and server-sent events, D-Bus, stdio, single-account mode, the config file. Methods: sendStory,
// terminateGroup, addDevice, updateDevice, change of number, sticker packs other than SamplePack, payments from the
// business, calls by the daemon (subscribeCallEvents, startCall and the like). An attachment's path on the daemon's
// machine is never found; only data URIs are. A parameter of a wrong type is always -32600, and one that is missing
// -32603 with another text than Java's.
//
// Signal itself: encryption, prekeys, sealed sender, profile keys, storage sync, sessions; rates are limited only by
// magic; nothing expires: disappearing messages and pins stay, linked devices do not die after 30 days. Message requests
// of customers, of groups' members among themselves, and profile sharing are left out: names and pictures are seen at
// once. Customers receive all kinds of files whatever their content. A phone keeps its messages after Reinstall. Group
// changes reach all members at once and nobody has to accept an invitation but the business. Polls, pins and stories
// work between all versions. Overlapping requests are done in any order, each in one step: overlapping sends to a chat are
// counted (Daemon.Overlaps) and not lost. Notifications of a subscription never overtake its answer. REQUEST_SYNC is never
// sent.
package emulator
