// Package emulator plays a company's own system, a shop's chat widget, and the phones of the people who use it, so that
// Puente's webhook channel can be tried, shown and tested. `puente demo` runs on it.
//
// It speaks the channel's wire format on both sides: it posts events and uploads to Puente, and takes signed callbacks
// at /callback. It verifies each signature, passes over what it has taken before (by webhook-id) and counts that. It
// shares no types with the bridge, so that a mistake in one is caught by the other.
//
// # Use
//
//	e := emulator.New(emulator.Options{System: "shop", PuenteURL: "http://127.0.0.1:29330"})
//	_, err := e.Start(ctx, "127.0.0.1:0")
//	defer e.Stop()
//	// an operator logs the system in with e.CallbackURL(), and then:
//	e.SetCredentials(token, secret)
//	ana, err := e.AddCustomer(emulator.Customer{Name: "Ana"})
//	chat, err := e.Chat(ana.ID, "")
//	messageID, err := chat.Say("hello", "", "")
//	phone, err := e.Wait(ctx, ana.ID, func(p emulator.Phone) bool { return len(p.Messages) == 2 })
//
// # Failures at will
//
// The last four characters of a customer's ID choose how sending to them fails: see MagicEndings. FailNext makes any
// next callbacks fail, and Revoke all of them. Events can be doubled, batched, reversed (SetBatch) and held back (Hold,
// Release). Raw posts anything, as a forger would.
//
// # What is not imitated
//
// Customers have no accounts and need no password; several widgets of one customer are one phone. Messages do not
// expire, and there are no limits of size or rate on the system's side. Groups cannot be changed once they are made. A
// message shows one file. Topics and pictures of conversations are not sent. What Puente refuses with 400 is dropped and
// logged. Events wait behind one that Puente does not take, whatever conversation they belong to.
package emulator
