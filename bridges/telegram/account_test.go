package telegram_test

import (
	"context"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/telegram/emulator"
	"puente/core/hub/network"
)

// findings is what `puente check` prints: of those that are fine, and what to mend.
func (w *world) findings() (fine, mend string) {
	w.t.Helper()
	for _, found := range w.connector.(network.Checker).Check(w.ctx) {
		if found.OK {
			fine += found.About + "\n"
		} else {
			mend += found.About + ": " + found.Mend + "\n"
		}
	}
	return fine, mend
}

func TestCheck(t *testing.T) {
	a := newAccount(t, nil)
	a.state(a.world.login.ID, "that it is connected", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
	fine, mend := a.findings()
	for _, words := range []string{"token of bot 110201543 works (@corner_shop_bot)", "come in by poll", "sees all messages of its groups", "business account 110201543-7000001234"} {
		if !strings.Contains(fine, words) {
			t.Errorf("nothing says that %q", words)
		}
	}
	if mend != "" {
		t.Errorf("there is something to mend: %s", mend)
	}
	a.ok(a.telegram.Disconnect(a.connection))
	a.state(a.login, "that it is disconnected", func(s status.BridgeState) bool { return s.StateEvent == status.StateBadCredentials })
	a.ok(a.telegram.RevokeToken(botID))
	if _, mend = a.findings(); !strings.Contains(mend, "BotFather") || !strings.Contains(mend, "Settings, Telegram Business, Chatbots") {
		t.Errorf("to mend is %q", mend)
	}
}

func TestARivalIsSaid(t *testing.T) {
	w := newWorld(t, nil)
	w.telegram.FailNext(1, emulator.Fault{Method: "getUpdates", Code: 409, Description: "terminated by other getUpdates request; make sure that only one bot instance is running"})
	w.state(w.login.ID, "the conflict", func(s status.BridgeState) bool {
		return s.Error == "telegram-conflict" && strings.Contains(s.Message, "another program")
	})
	if told := w.operators.last("telegram:110201543:conflict"); !strings.Contains(told, "Corner Shop") {
		t.Errorf("the operators were told %q", told)
	}
	w.state(w.login.ID, "that it is over", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
	w.fence()
}

func TestLoggingInAgainKeepsListening(t *testing.T) {
	w := newWorld(t, nil)
	w.logIn()
	w.state(w.login.ID, "that it is connected", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
	w.fence()
}

func TestAChannelIsSaidToTheOperators(t *testing.T) {
	w := newWorld(t, nil)
	_, err := w.telegram.AddGroup(emulator.Group{Title: "News", Channel: true, Members: []int64{w.ana.ID}, Admins: []int64{botID}})
	w.ok(err)
	w.fence()
	told := ""
	for _, words := range w.operators.all() {
		told += words
	}
	if !strings.Contains(told, "channel") {
		t.Errorf("the operators were told %q", told)
	}
}

func TestLogoutEndsTheListening(t *testing.T) {
	w := newWorld(t, nil)
	w.login.Logout(context.WithoutCancel(w.ctx))
	w.id(w.chat.SendText("into the void"))
	if n := w.telegram.Waiting(botID); n == 0 {
		t.Error("a bot that was logged out still takes messages")
	}
}
