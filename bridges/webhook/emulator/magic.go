package emulator

import "puente/bridges/bridgekit/emulation"

// Magic is one ending of a customer's ID that makes sending to them fail in a given way.
type Magic = emulation.Magic

// MagicEndings lists the endings that choose a failure. "Once" is counted per webhook-id.
func MagicEndings() []Magic {
	return []Magic{
		{Digits: "0299", Effect: "taken, but the first answer is half of a JSON"},
		{Digits: "0400", Effect: "refused with 400 and a reason: the customer has blocked the shop"},
		{Digits: "0408", Effect: "taken, but the connection is cut before the first answer"},
		{Digits: "0410", Effect: "refused with 410: the callback is gone"},
		{Digits: "0429", Effect: "429 once per message: too fast"},
		{Digits: "0500", Effect: "500, always"},
		{Digits: "0501", Effect: "500 once per message"},
	}
}

// magicOf returns the ending of the customer's ID if it is one of MagicEndings, or "".
func magicOf(customerID string) string { return emulation.MagicOf(customerID, MagicEndings()) }
