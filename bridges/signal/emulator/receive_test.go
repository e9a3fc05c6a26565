package emulator_test

import (
	"fmt"
	"testing"

	"puente/bridges/signal/emulator"
)

func TestReceive(t *testing.T) {
	t.Run("MessagesWaitForASubscriptionAndComeOnce", func(t *testing.T) {
		w := newWorld(t, nil)
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		w.must(w.chat(ana).SendText("one"))
		w.must(w.chat(ana).SendText("two"))
		if n := w.e.Daemon().Waiting[shop]; n != 2 {
			t.Fatalf("%d wait, want 2", n)
		}
		id := w.subscribe()
		for _, want := range []string{"one", "two"} {
			note := w.c.note()
			has(t, "params", note, object{"subscription": id})
			has(t, "result", note["result"].(object), object{"account": shop})
			data := note["result"].(object)["envelope"].(object)["dataMessage"].(object)
			has(t, "dataMessage", data, object{"message": want})
		}
		equal(t, "unsubscribe", w.c.ok("unsubscribeReceive", object{"subscription": id}), object{})
		w.c.fail(-1, "unsubscribeReceive", object{"subscription": id})
		w.must(w.chat(ana).SendText("three"))
		second := w.subscribe()
		if second == id {
			t.Error("a subscription's number came twice")
		}
		data, _ := w.c.next("dataMessage")
		has(t, "dataMessage", data, object{"message": "three"})
	})
	t.Run("TextEnvelopeHasWhatTheSheetSays", func(t *testing.T) {
		w := newWorld(t, nil)
		w.subscribe()
		w.customer(emulator.Customer{ACI: ana, Name: "Ana Ñandú", Number: "+491701234567"})
		ref := w.must(w.chat(ana).SendText("hello"))
		data, envelope := w.c.next("dataMessage")
		has(t, "envelope", envelope, object{
			"source": ana, "sourceNumber": nil, "sourceUuid": ana, "sourceName": "Ana Ñandú", "sourceDevice": 1, "timestamp": ref.Timestamp,
		})
		equal(t, "data", data, object{
			"timestamp": ref.Timestamp, "message": "hello", "expiresInSeconds": 0, "isExpirationUpdate": false, "viewOnce": false,
		})
		w.phone(ana, func(p emulator.Phone) bool { return len(p.Receipts) == 1 && p.Receipts[0].Type == "delivery" })
	})
	t.Run("HandedOverMessagesAreGoneWhenTheConnectionBreaks", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.must(w.chat(ana).SendText("lost"))
		w.c.next("dataMessage")
		w.e.CutConnections()
		<-w.c.gone
		w.c = w.dial()
		w.must(w.chat(ana).SendText("kept"))
		w.subscribe()
		data, _ := w.c.next("dataMessage")
		has(t, "dataMessage", data, object{"message": "kept"})
	})
	t.Run("RedeliverHandsTheLastOnesOverAgain", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Redeliver = 1 }).withAna()
		w.must(w.chat(ana).SendText("twice"))
		w.c.next("dataMessage")
		w.e.CutConnections()
		<-w.c.gone
		w.c = w.dial()
		w.subscribe()
		data, _ := w.c.next("dataMessage")
		has(t, "dataMessage", data, object{"message": "twice"})
	})
	t.Run("StopAndStartAtTheSameAddressKeepsMessages", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.Stop()
		<-w.c.gone
		w.must(w.chat(ana).SendText("while it was down"))
		if _, err := w.e.Start(w.ctx, w.address); err != nil {
			t.Fatal(err)
		}
		w.c = w.dial()
		w.subscribe()
		data, _ := w.c.next("dataMessage")
		has(t, "dataMessage", data, object{"message": "while it was down"})
	})
	t.Run("DuplicatesAndReversedOrderAtWill", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Duplicate, o.Order = true, emulator.Reversed })
		w.subscribe()
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		w.e.Hold()
		w.must(w.chat(ana).SendText("first"))
		w.must(w.chat(ana).SendText("second"))
		w.e.Release()
		for _, want := range []string{"second", "second", "first", "first"} {
			data, _ := w.c.next("dataMessage")
			has(t, "dataMessage", data, object{"message": want})
		}
	})
	t.Run("SubscriptionOfAllCoversOnlyTheAccountsOfItsTime", func(t *testing.T) {
		w := newWorld(t, nil)
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		w.c.ok("subscribeReceive", nil)
		if _, err := w.e.AddAccount(emulator.Account{Number: "+4930999999"}, true); err != nil {
			t.Fatal(err)
		}
		late, err := w.e.Chat(ana, "+4930999999")
		w.must(need(t, late, err).SendText("to the second"))
		w.must(w.chat(ana).SendText("to the first"))
		data, _ := w.c.next("dataMessage")
		has(t, "dataMessage", data, object{"message": "to the first"})
		if n := w.e.Daemon().Waiting["+4930999999"]; n != 1 {
			t.Errorf("%d wait for the second account, want 1", n)
		}
	})
	t.Run("UnsubscribeTakesAnArrayOrAnAccount", func(t *testing.T) {
		w := newWorld(t, nil)
		id := w.subscribe()
		answer := make(chan object, 1)
		w.c.mu.Lock()
		w.c.answers["array"] = answer
		w.c.mu.Unlock()
		w.c.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":"array","method":"unsubscribeReceive","params":[%d]}`, id))
		equal(t, "result", (<-answer)["result"], object{})
		w.subscribe()
		w.c.ok("unsubscribeReceive", object{"account": shop})
		if n := w.e.Daemon().Subscriptions; n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
		w.c.fail(-1, "unsubscribeReceive", nil)
	})
	t.Run("OnStartLosesWhatNobodyHears", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.ReceiveMode = emulator.OnStart })
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		w.c.ok("version", nil) // so that the daemon has the connection
		w.e.CutConnections()
		<-w.c.gone
		w.must(w.chat(ana).SendText("lost"))
		if _, err := w.e.WaitDaemon(w.ctx, func(d emulator.Daemon) bool { return d.Waiting[shop] == 0 }); err != nil {
			t.Fatal(err)
		}
		w.c = w.dial()
		w.c.ok("version", nil)
		w.must(w.chat(ana).SendText("heard"))
		envelope := w.c.note()["envelope"].(object)
		has(t, "data", envelope["dataMessage"].(object), object{"message": "heard"})
	})
	t.Run("OtherModesNotifyWithoutSubscription", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.ReceiveMode = emulator.OnConnection })
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		w.must(w.chat(ana).SendText("plain"))
		note := w.c.note()
		absent(t, "params", note, "subscription", "result")
		has(t, "params", note, object{"account": shop})
	})
}
