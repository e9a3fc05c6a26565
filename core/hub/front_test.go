package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// chat is a room of one person and @puente.
func (w *world) chat(who id.UserID) id.RoomID {
	w.Helper()
	room := id.RoomID("!chat-" + who.Localpart() + ":" + testDomain)
	w.hs.setMember(room, who, event.MembershipJoin)
	w.hs.setMember(room, w.hub.Front(), event.MembershipInvite)
	w.member(room, who, w.hub.Front(), event.MembershipInvite, "")
	return room
}

// asks says something to @puente and returns its answer.
func (w *world) asks(room id.RoomID, who id.UserID, words string) string {
	w.Helper()
	before := len(w.notices(room))
	w.says(room, who, words)
	return strings.Join(w.notices(room)[before:], "\n")
}

func (w *world) expect(got string, wants ...string) {
	w.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) || want == "" && got != "" {
			w.Errorf("@puente said %q, without %q", got, want)
		}
	}
}

// lacks tells that something was said that was not to be.
func (w *world) lacks(got string, words ...string) {
	w.Helper()
	for _, word := range words {
		if strings.Contains(got, word) {
			w.Errorf("@puente said %q, with %q", got, word)
		}
	}
}

func TestInvitations(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.chat(ana)
		w.expect(strings.Join(w.notices(room), "\n"), "Hello, this is Puente")
		const stranger = id.UserID("@spy:elsewhere.org")
		w.hs.setMember("!spy:elsewhere.org", w.hub.Front(), event.MembershipInvite)
		w.member("!spy:elsewhere.org", stranger, w.hub.Front(), event.MembershipInvite, "")
		if got := w.hs.membership("!spy:elsewhere.org", w.hub.Front()); got != event.MembershipLeave {
			w.Errorf("a stranger's invitation: %s", got)
		}
		ghost := w.hub.byID["red"].matrix.FormatGhostMXID("c1")
		w.hs.setMember("!dm:example.org", ghost, event.MembershipInvite)
		w.member("!dm:example.org", ana, ghost, event.MembershipInvite, "")
		if got := w.hs.membership("!dm:example.org", ghost); got != event.MembershipLeave {
			w.Errorf("an invitation of a ghost: %s", got)
		}
		conversation := w.customer(w.red, "c1", "hello")
		w.member(conversation, ana, w.hub.Desk(), event.MembershipInvite, "")
		w.member(conversation, ana, w.hub.Desk(), event.MembershipJoin, "")
		if w.hs.membership(conversation, w.hub.Desk()) != event.MembershipInvite {
			w.Error("the desk's user left a conversation")
		}
	})
}

func TestFrontAnswers(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.chat(operator)
		w.expect(w.asks(room, operator, "help"), "login", "failed", "!puente help")
		w.expect(w.asks(room, operator, "!puente"), "login")
		w.expect(w.asks(room, operator, "channels"), "Toy red", "1 account")
		w.expect(w.asks(room, operator, "logins"), "red account – The company – connected")
		w.expect(w.asks(room, operator, "status"), "Journal: 1 waiting, 0 set aside") // itself
		w.expect(w.asks(room, operator, "dance"), "I do not know")
		w.expect(w.asks(room, operator, "failed"), "Nothing was set aside")
		w.push(object{"events": []any{5}})
		w.settled()
		number := w.failed()[0].ID
		w.expect(w.asks(room, operator, "failed"), fmt.Sprint(number), "not a Matrix event")
		w.expect(w.asks(room, operator, fmt.Sprintf("retry `%d`", number)), "Trying 1 message again")
		w.expect(w.asks(room, operator, "retry"), "Write the numbers")
		w.expect(w.asks(room, operator, "retry x"), "That did not work: write the numbers")
		w.expect(w.asks(room, operator, "logout red"), "Write")
		w.expect(w.asks(room, operator, "logout green x"), "no network")
		w.expect(w.asks(room, operator, "logout red nobody"), "no such login")
		w.expect(w.asks(room, operator, "logout red account"), "Disconnected")
		w.expect(w.asks(room, operator, "channels"), "Toy red (red): 0 accounts")
	})
}

func TestWhoMayCommand(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.chat(ana)
		w.expect(w.asks(room, ana, "help"), "status")
		if got := w.asks(room, ana, "help"); strings.Contains(got, "logout") {
			w.Errorf("help names what an agent may not do: %q", got)
		}
		for _, command := range []string{"login red form", "logout red account", "failed", "retry 1", "cancel"} {
			w.expect(w.asks(room, ana, command), "Only an operator")
		}
		const stranger = id.UserID("@spy:elsewhere.org")
		w.hs.setMember(room, ana, event.MembershipLeave)
		if got := w.asks(room, stranger, "logins"); got != "" {
			w.Errorf("a stranger was told %q", got)
		}
		w.hs.setMember(room, ana, event.MembershipJoin)
		w.hs.setMember(room, berta, event.MembershipJoin)
		if got := w.asks(room, ana, "help"); got != "" {
			w.Errorf("in a room of three, what is not for @puente was answered: %q", got)
		}
		w.expect(w.asks(room, ana, "!puente help"), "status")
		w.evt(room, ana, event.EventEncrypted, object{"algorithm": "m.megolm.v1.aes-sha2"})
		w.evt(room, ana, event.EventReaction, object{})
		w.evt(room, ana, event.EventMessage, object{"msgtype": "m.image", "body": "x"})
		w.settled()
		notices := w.notices(room)
		w.expect(notices[len(notices)-1], "cannot read encrypted")
	})
}

// scripted is a login that goes as the test wants.
type scripted struct {
	user *bridgev2.User

	mu       sync.Mutex
	given    map[string]string
	canceled int
	refuse   error
	waiting  chan struct{} // closed when the other side is done
	code     bool
	start    *bridgev2.LoginStep
}

func (s *scripted) Start(context.Context) (*bridgev2.LoginStep, error) {
	if s.start != nil {
		return s.start, nil
	}
	if s.code {
		return &bridgev2.LoginStep{
			Type: bridgev2.LoginStepTypeDisplayAndWait, StepID: "code", Instructions: "Scan this",
			DisplayAndWaitParams: &bridgev2.LoginDisplayAndWaitParams{Type: bridgev2.LoginDisplayTypeCode, Data: "1234-5678"},
		}, nil
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeUserInput, StepID: "form", Instructions: "Fill this in",
		UserInputParams: &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{
			{ID: "number", Name: "Number", Pattern: "^[0-9]+$", Description: "digits"},
			{ID: "place", Name: "Place", Options: []string{"here", "there"}, DefaultValue: "here"},
			{ID: "word", Name: "Word", Validate: func(s string) (string, error) {
				if s == "bad" {
					return "", errors.New("it is bad")
				}
				return strings.ToUpper(s), nil
			}},
			{ID: "token", Name: "Token", Type: bridgev2.LoginInputFieldTypeToken},
		}},
	}, nil
}

func (s *scripted) Cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.canceled++
}

func (s *scripted) cancels() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.canceled
}

func (s *scripted) SubmitUserInput(ctx context.Context, given map[string]string) (*bridgev2.LoginStep, error) {
	s.given = given
	if s.refuse != nil {
		return nil, s.refuse
	}
	return s.complete(ctx)
}

func (s *scripted) Wait(ctx context.Context) (*bridgev2.LoginStep, error) {
	select {
	case <-s.waiting:
		if s.refuse != nil {
			return nil, s.refuse
		}
		return s.complete(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *scripted) complete(ctx context.Context) (*bridgev2.LoginStep, error) {
	login, err := s.user.NewLogin(ctx, &database.UserLogin{ID: networkid.UserLoginID("second"), RemoteName: "Second"}, nil)
	if err != nil {
		return nil, err
	}
	return &bridgev2.LoginStep{Type: bridgev2.LoginStepTypeComplete, Instructions: "Well done.", CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login}}, nil
}

// script makes the red network's logins go by it.
func (w *world) script(s *scripted) *scripted {
	s.waiting = make(chan struct{})
	w.red.login = func(user *bridgev2.User, flow string) bridgev2.LoginProcess {
		s.user, s.code = user, flow == "code"
		return s
	}
	return s
}

func TestLoginByQuestions(t *testing.T) {
	each(t, nil, func(w *world) {
		login, room := w.script(&scripted{}), w.chat(operator)
		w.expect(w.asks(room, operator, "login"), "Which network?")
		w.expect(w.asks(room, operator, "login green"), "no network")
		w.expect(w.asks(room, operator, "login red"), "several ways", "login red code")
		w.expect(w.asks(room, operator, "login red form"), "Fill this in", "Number")
		w.expect(w.asks(room, operator, "five"), "That is no Number", "^[0-9]+$")
		w.expect(w.asks(room, operator, "5"), "Place (here, there)", "write - for here")
		w.expect(w.asks(room, operator, "nowhere"), "none of here, there")
		w.expect(w.asks(room, operator, "-"), "Word")
		w.expect(w.asks(room, operator, "bad"), "it is bad")
		w.expect(w.asks(room, operator, "good"), "Token")
		w.expect(w.asks(room, operator, "s3cret"), "Connected: Second", "Well done.")
		if fmt.Sprint(login.given) != "map[number:5 place:here token:s3cret word:GOOD]" || login.user.MXID != w.hub.Desk() {
			w.Errorf("%s gave %v", login.user.MXID, login.given)
		}
		redactions := w.hs.sent(room, event.EventRedaction)
		if len(redactions) != 1 || redactions[0].Content["redacts"] == nil {
			w.Errorf("redacted: %v", redactions)
		}
		w.expect(w.asks(room, operator, "logins"), "second")
		w.expect(w.asks(room, operator, "cancel"), "No login is under way")
	})
}

func TestLoginThatGoesWrong(t *testing.T) {
	alone(t, nil, func(w *world) {
		login, room := w.script(&scripted{refuse: errs.Tell(errToy, "the provider said no.")}), w.chat(operator)
		w.hs.failWith(func(_ *http.Request, parts []string) int {
			if len(parts) > 4 && parts[4] == "redact" {
				return 403
			}
			return 0
		})
		fill := func() string {
			w.asks(room, operator, "login red form")
			for _, answer := range []string{"5", "-", "good"} {
				w.asks(room, operator, answer)
			}
			return w.asks(room, operator, "s3cret")
		}
		w.expect(fill(), "The login failed: the provider said no.", "to try again", "please delete the Token")
		if login.cancels() != 1 {
			w.Errorf("canceled %d times", login.cancels())
		}
		w.asks(room, operator, "login red form")
		w.asks(room, operator, "!puente login red form") // begins anew
		if login.cancels() != 2 {
			w.Errorf("canceled %d times", login.cancels())
		}
		w.expect(w.asks(room, operator, "cancel"), "The login was stopped")
		if login.cancels() != 3 {
			w.Errorf("canceled %d times", login.cancels())
		}
		login.start = &bridgev2.LoginStep{Type: bridgev2.LoginStepTypeCookies}
		w.expect(w.asks(room, operator, "login red form"), "needs a browser", "/red/_matrix/provision")
		w.hs.setMember(room, berta, event.MembershipJoin)
		w.expect(w.asks(room, operator, "!puente login red form"), "alone")
	})
}

func TestLoginByCode(t *testing.T) {
	alone(t, nil, func(w *world) {
		login, room := w.script(&scripted{}), w.chat(operator)
		w.expect(w.asks(room, operator, "login red code"), "Scan this", "1234-5678")
		if got := w.asks(room, operator, "hello?"); got != "" {
			w.Errorf("@puente said %q", got)
		}
		close(login.waiting)
		said := func(words string) func() bool {
			return func() bool { return strings.Contains(strings.Join(w.notices(room), "\n"), words) }
		}
		w.until("the end of the login", said("Connected: Second"))
		login = w.script(&scripted{refuse: errs.Tell(errToy, "the code is too old.")})
		w.asks(room, operator, "login red code")
		close(login.waiting)
		w.until("the failure", said("The login failed: the code is too old."))
		login = w.script(&scripted{refuse: errToy})
		w.asks(room, operator, "login red code")
		w.expect(w.asks(room, operator, "cancel"), "The login was stopped")
		before := len(w.notices(room))
		close(login.waiting)
		w.restart() // waits for the end of what was stopped
		if got := w.notices(room)[before:]; len(got) != 0 {
			w.Errorf("after it was stopped @puente said %q", got)
		}
		w.script(&scripted{})
		w.asks(room, operator, "login red code")
		w.hub.Stop() // ends although nobody has scanned the code
	})
}
