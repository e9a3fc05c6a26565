package emulator

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
)

// unregisteredError is what an action on nobody's address ends with. ref: reference/signal-cli.md §4
type unregisteredError struct{ name string }

func (u unregisteredError) Error() string { return "The user " + u.name + " is not registered." }

// As makes it the user error that it is on the wire.
func (u unregisteredError) As(target any) bool {
	r, ok := target.(*rpcError)
	if ok {
		*r = rpcError{Code: codeUser, Message: u.Error()}
	}
	return ok
}

// resolve finds whom a recipient string means. An ACI is taken as it is; a number or a username must be somebody's.
func (e *Emulator) resolve(name string) (*party, error) {
	if p := e.st.party(name); p != nil {
		if p.person != nil && p.person.Unregistered && !isUUID(strings.ToLower(name)) {
			return nil, unregisteredError{name}
		}
		return p, nil
	}
	lower := strings.ToLower(name)
	switch {
	case isUUID(lower):
		return &party{aci: lower}, nil
	case strings.HasPrefix(name, "PNI:"):
		if !isUUID(strings.ToLower(name[4:])) {
			return nil, userError("Invalid phone number '" + name + "': Invalid PNI")
		}
		return nil, unregisteredError{name}
	case strings.HasPrefix(name, "u:"), isNumber(name):
		return nil, unregisteredError{name}
	}
	return nil, userError("Invalid phone number '" + name + "': The string supplied is not a valid phone number.")
}

// resolveFor is resolve for an account, which learns the number if it was addressed by it.
func (e *Emulator) resolveFor(b *business, name string) (*party, error) {
	p, err := e.resolve(name)
	if err == nil && name == p.number {
		b.relation(p.aci).Number = true
	}
	return p, err
}

// target is one recipient of a request: the account itself, somebody, a group, or nobody.
type target struct {
	name  string
	party *party // nil for a group, and for what is nobody's address
	group *group
}

// targets reads whom a request is for: recipient, groupId, username and noteToSelf.
func (e *Emulator) targets(b *business, p params) ([]target, error) {
	out, err := e.people(b, p)
	if err != nil {
		return nil, err
	}
	for _, id := range p.texts("groupId") {
		g, err := e.sendingGroup(b, id)
		if err != nil {
			return nil, err
		}
		out = append(out, target{name: id, group: g})
	}
	if len(out) == 0 {
		return nil, userError("No recipients given")
	}
	return out, nil
}

// people reads the targets that are no groups.
func (e *Emulator) people(b *business, p params) (out []target, err error) {
	if p.flag("noteToSelf") {
		out = append(out, target{name: b.ACI, party: b.party()})
	}
	names := p.texts("recipient")
	for _, u := range p.texts("username") {
		names = append(names, "u:"+strings.TrimPrefix(u, "u:"))
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		who, err := e.resolveFor(b, name)
		var nobody unregisteredError
		if err != nil && !errors.As(err, &nobody) {
			return nil, err
		}
		out = append(out, target{name: name, party: who})
	}
	return out, nil
}

// author reads the author of the message that a request is about; without one it is the only recipient.
func (e *Emulator) author(p params, key string, to []target) (*party, error) {
	name := p.textOr(key)
	if name == "" && len(to) == 1 && to[0].party != nil {
		return to[0].party, nil
	}
	return e.resolve(name)
}

// groupFor finds a group that an account knows by the base64 of its ID.
func (e *Emulator) groupFor(b *business, id string) (*group, error) {
	if raw, err := base64.StdEncoding.DecodeString(id); err != nil || len(raw) != 32 && len(raw) != 16 {
		return nil, userError("Invalid group id: Failed to decode groupId (must be base64) \"" + id + "\"")
	}
	if g := e.st.group(id); g != nil && g.knows(b.ACI) {
		return g, nil
	}
	return nil, userError("Group not found: " + id)
}

// memberGroup is groupFor for an account that must be in the group.
func (e *Emulator) memberGroup(b *business, id string) (*group, error) {
	g, err := e.groupFor(b, id)
	if err == nil && g.member(b.ACI) == nil {
		err = userError("User is not a member in group: " + g.Name + " (" + g.ID + ")")
	}
	return g, err
}

// sendingGroup is memberGroup for an account that means to send there.
func (e *Emulator) sendingGroup(b *business, id string) (*group, error) {
	g, err := e.memberGroup(b, id)
	switch {
	case err != nil:
		return nil, err
	case g.OnlyAdminsSend && !g.member(b.ACI).Admin:
		return nil, userError("User is not allowed to send message to group: " + g.Name + " (" + g.ID + ")")
	}
	return g, nil
}
