package emulator

import (
	"slices"
	"strings"
)

// changeGroup does something to the group of this conversation; the line says what, without the name of who did it.
func (c *Chat) changeGroup(do func(me *party, g *group) (line string, gone []string, err error)) error {
	return c.locked(func(me *party, t *thread) error {
		g := c.e.st.group(t.GroupID)
		if g == nil {
			return invalid("This is no group.")
		}
		line, gone, err := do(me, g)
		if err != nil {
			return err
		}
		c.e.groupChanged(g, me, me.name()+" "+line, false, gone...)
		return nil
	})
}

// Rename gives the group another name.
func (c *Chat) Rename(name string) error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		if g.OnlyAdminsEdit && !g.member(me.aci).Admin {
			return "", nil, forbidden("Only admins may change this group.")
		}
		g.Name = name
		return "named the group “" + name + "”", nil, nil
	})
}

// Describe gives the group another description.
func (c *Chat) Describe(text string) error {
	return c.changeGroup(func(_ *party, g *group) (string, []string, error) {
		g.Description = text
		return "changed the description", nil, nil
	})
}

// SetPicture gives the group another picture.
func (c *Chat) SetPicture(f File) error {
	return c.changeGroup(func(_ *party, g *group) (string, []string, error) {
		g.Avatar = c.e.keep(f)
		return "changed the picture", nil, nil
	})
}

// AddMembers brings people into the group.
func (c *Chat) AddMembers(acis ...string) error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		if g.OnlyAdminsAdd && !g.member(me.aci).Admin {
			return "", nil, forbidden("Only admins may add people to this group.")
		}
		var names []string
		for _, aci := range acis {
			if c.e.st.party(aci) == nil {
				return "", nil, invalid("There is no such person.")
			}
		}
		for _, aci := range acis {
			g.join(aci)
			names = append(names, c.e.known(aci).name())
		}
		return "added " + strings.Join(names, ", "), nil, nil
	})
}

// RemoveMember puts somebody out of the group.
func (c *Chat) RemoveMember(aci string) error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		if !g.member(me.aci).Admin || g.member(aci) == nil {
			return "", nil, forbidden("Only admins may remove people, and only those who are in the group.")
		}
		g.leave(aci)
		return "removed " + c.e.known(aci).name(), []string{aci}, nil
	})
}

// MakeAdmin makes somebody an admin, or no longer one.
func (c *Chat) MakeAdmin(aci string, on bool) error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		m := g.member(aci)
		if !g.member(me.aci).Admin || m == nil {
			return "", nil, forbidden("Only admins may do that, and only with those who are in the group.")
		}
		m.Admin = on
		if on {
			return "made " + c.e.known(aci).name() + " an admin", nil, nil
		}
		return "took the admin's rights from " + c.e.known(aci).name(), nil, nil
	})
}

// Leave leaves the group. Its last admin makes the next member one.
func (c *Chat) Leave() error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		if g.lastAdmin(me.aci) {
			for i := range g.Members {
				if g.Members[i].ACI != me.aci {
					g.Members[i].Admin = true
					break
				}
			}
		}
		g.leave(me.aci)
		return "left the group", nil, nil
	})
}

// SetLink opens the group to whoever has its link (approval: after an admin agreed) and returns the link; off closes it.
func (c *Chat) SetLink(on, approval bool) (link string, err error) {
	err = c.changeGroup(func(_ *party, g *group) (string, []string, error) {
		g.Link = ""
		if on {
			g.Link = "enabled"
		}
		if on && approval {
			g.Link = "enabledWithApproval"
		}
		link = g.url()
		return "changed the group's link", nil, nil
	})
	return link, err
}

// Approve lets somebody in who asks to join.
func (c *Chat) Approve(aci string) error {
	return c.changeGroup(func(me *party, g *group) (string, []string, error) {
		if !g.member(me.aci).Admin || !slices.Contains(g.Requesting, aci) {
			return "", nil, forbidden("Only admins may let people in, and only those who asked.")
		}
		g.join(aci)
		return "let " + c.e.known(aci).name() + " in", nil, nil
	})
}
