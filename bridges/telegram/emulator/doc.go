// Package emulator plays Telegram's Bot API server and the phones of the people who write to a business's bots, so
// that Puente can be tried, shown and tested without an account at Telegram. `puente demo` runs on it.
//
// It speaks the provider's wire format: methods under /bot<token>/ (GET and POST; JSON, urlencoded and multipart), files
// under /file/bot<token>/, getUpdates and webhooks. It shares no types with Puente's own client, so that a mistake in
// one is caught by the other. A person plays the customers on the page of bridgekit/phone, which Phones serves; in Go the
// same is done with Chat. The source of every rule is reference/telegram-bot.md, and reference/data/telegram-bot-api.json
// for every method and field.
//
// # Use
//
//	e := emulator.New(emulator.Options{Bots: []emulator.Bot{{Token: "110201543:AAH…", Username: "shop_bot", Name: "Shop"}}})
//	base, err := e.Start(ctx, "127.0.0.1:0") // base takes the place of https://api.telegram.org
//	defer e.Stop()
//	ana, err := e.AddCustomer(emulator.Customer{FirstName: "Ana"})
//	chat, err := e.Chat(ana.ID, 0) // with the first bot
//	id, err := chat.Start("order-17")
//	id, err = chat.SendText("hello", emulator.Formatted(emulator.Entity{Type: "bold", Length: 5}))
//	view, err := chat.Wait(ctx, func(v emulator.View) bool { last, ok := v.Last(); return ok && last.Text == "hi" })
//
// AddGroup and GroupChat make groups, supergroups, forums and channels; Connect, BusinessChat and OwnerChat make
// Telegram Business accounts. What a phone shows is in View; Message.Request is the call that made a message, Calls lists
// all calls, and UnknownFields what they had that the Bot API does not know.
//
// # Failures at will
//
// The last four digits of a user's or group's ID choose how sending there fails; MagicNumbers lists them:
//
//	0400  400: chat not found, always
//	0401  401: the token is no longer valid, always
//	0403  403: the bot was blocked by the user, always
//	0404  an answer that is no JSON, always
//	0408  taken, but the connection is cut before the answer, always
//	0429  429 with retry_after once per message, or Options.RateLimitFailures times
//	0500  500, always
//	0501  500 once per message
//
// FailNext makes any next calls or downloads fail, RevokeToken a token. Updates can be held back and let go in reverse
// (Hold, Release), lost on their way (CutAnswers), delivered again although they were confirmed (Redeliver,
// Options.Duplicate), late (Options.Latency) or made by hand (Inject, SendRaw). Whoever does not confirm an update gets it
// again, as at Telegram.
//
// # What is not imitated
//
// Methods: all that are not in wire/methods.txt, such as stickers of one's own, invite links, bans, games, payments,
// stories, gifts, inline mode, web apps, sendPaidMedia, sendChecklist, sendRichMessage, drafts and ephemeral messages;
// they answer 404. The 10.2 and 10.3 additions are taken as fields only. A method call in a webhook's answer is not
// made. Certificates and IP addresses of webhooks are taken and not used.
//
// Sending: parse_mode is refused, give entities. Files by URL are refused. Pictures are recompressed by this program's
// own encoder; films are not, get no preview of their own when a bot sends them, and their codecs are not looked at;
// the length of an MP3 is only what its sender says. A document that is really a film or a sound stays a document.
// Link previews are never made. Polls do not close by themselves, and auto-delete timers delete nothing. Dice do not
// fall at random.
//
// Rules: rate limits are never reached by themselves, only by magic. Message numbers in basic groups count per group,
// not per account, so that they collide with other chats' more often than at Telegram. Texts are limited in
// characters, not in UTF-16 units. Bots never see each other. Forwarding does not hide anybody. In business chats the bot
// hears of its own edits and deletions, which is a guess, as are the error texts of rights, video notes and stickers.
// Every bot that is connected sees all of an owner's chats. Administrators have all rights. update_id never jumps.
package emulator
