package phone

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// add makes another customer and shows their phone.
func (s *server) add(w http.ResponseWriter, r *http.Request) {
	n, ok := s.network(r.PathValue("network"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	st := s.readState(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	asked := Customer{Name: strings.TrimSpace(r.PostFormValue("name")), Address: strings.TrimSpace(r.PostFormValue("address"))}
	added, err := n.AddCustomer(r.Context(), asked.Name, asked.Address)
	if err != nil {
		st.shown = n.ID()
		s.render(w, statusOf(err), s.view(st, trouble{network: n.ID(), words: words(err), adding: &asked}))
		return
	}
	http.Redirect(w, r, st.with(n.ID(), place{Customer: added.ID}).redirect(), http.StatusSeeOther) // #nosec G710 -- it begins with /?
}

// act does what a form asks for and shows the page again; what went wrong stands on the phone that it concerns.
func (s *server) act(w http.ResponseWriter, r *http.Request) {
	n, ok := s.network(r.PathValue("network"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	st := s.readState(r)
	at := st.places[n.ID()]
	r.Body = http.MaxBytesReader(w, r.Body, s.MaxUpload+1<<20) // the file and the form around it
	defer func() {
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll()
		}
	}()
	err := s.perform(n, at, r)
	if err != nil {
		view := s.view(st.with(n.ID(), at), trouble{network: n.ID(), words: words(err), draft: r.PostForm.Get("text")})
		s.render(w, statusOf(err), view)
		return
	}
	at.Reply, at.Edit = "", ""
	http.Redirect(w, r, st.with(n.ID(), at).redirect(), http.StatusSeeOther) // #nosec G710 -- it begins with /?
}

func (s *server) perform(n Network, at place, r *http.Request) error {
	kind := r.PathValue("kind")
	if kind == Text && at.Edit != "" {
		kind = Edit
	}
	if !slices.ContainsFunc(n.Gestures(), func(o Offer) bool { return o.Kind == kind }) && kind != Set {
		return errs.Tell(fmt.Errorf("gesture of a phone: %w", errs.ErrUnsupported), n.Name()+" does not have that.")
	}
	at, err := resolve(n, at)
	if err != nil {
		return err
	}
	what, err := s.readGesture(kind, at, r)
	if err != nil {
		return err
	}
	if err = n.Do(r.Context(), at.Customer, at.Chat, what); err != nil {
		return fmt.Errorf("%s on the phone: %w", kind, err)
	}
	return nil
}

// resolve finds the customer and the chat that a form is about: those named, or else the first. Unlike on the page, a
// wrong name is an error, so that nobody writes into a chat that was not meant.
func resolve(n Network, at place) (place, error) {
	customers := n.Customers()
	if at.Customer == "" && len(customers) > 0 {
		at.Customer = customers[0].ID
	}
	gone := func(what string) error {
		return errs.Tell(fmt.Errorf("%s of a phone: %w", what, errs.ErrNotFound), "That "+what+" is not here any more. Choose another.")
	}
	if !slices.ContainsFunc(customers, func(c Customer) bool { return c.ID == at.Customer }) {
		return at, gone("customer")
	}
	chats, err := n.Chats(at.Customer)
	if err != nil {
		return at, fmt.Errorf("chats of a phone: %w", err)
	}
	if at.Chat == "" && len(chats) > 0 {
		at.Chat = chats[0].ID
	}
	if !slices.ContainsFunc(chats, func(c Chat) bool { return c.ID == at.Chat }) {
		return at, gone("chat")
	}
	return at, nil
}

// parse reads a form in either of the two encodings that browsers have.
func (s *server) parse(r *http.Request) error {
	var tooLarge *http.MaxBytesError
	err := r.ParseMultipartForm(4 << 20) // #nosec G120 -- act has limited the body
	switch {
	case err == nil, errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &tooLarge):
		return s.fileTooLarge()
	}
	return fmt.Errorf("read the form: %w", errors.Join(err, errs.ErrInvalid))
}

func (s *server) readGesture(kind string, at place, r *http.Request) (Gesture, error) {
	err := s.parse(r)
	if err != nil {
		return Gesture{}, err
	}
	form := r.PostForm
	what := Gesture{Kind: kind, Message: form.Get("message"), Choices: form["choice"], On: form.Get("on") != ""}
	what.Text = strings.TrimSpace(strings.ReplaceAll(form.Get("text"), "\r\n", "\n"))
	switch kind {
	case Text, SendFile, Voice, Sticker, Location, Contact, PollStart:
		what.Message = at.Reply
	case Edit:
		what.Message = at.Edit
	}
	switch kind {
	case SendFile, Voice, Sticker:
		what.File, err = s.readUpload(r)
	case Location:
		what.Place, err = readPlace(form)
	case PollStart:
		what.Choices, err = readOptions(form.Get("options"), what.Text)
	case Text, Edit, React:
		if what.Text == "" {
			err = wrong("Write something first.")
		}
	}
	return what, err
}

// wrong is what a person reads whose form lacks something.
func wrong(message string) error {
	return errs.Tell(fmt.Errorf("form of the phone page: %w", errs.ErrInvalid), message)
}
