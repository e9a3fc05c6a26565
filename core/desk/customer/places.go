package customer

import "context"

// givePlacesBack undoes movePlaces. Who was heard in a group since the merge is not known by the message but by the
// network: the customer who has a contact there, the survivor if both have.
func (s *Customers) givePlacesBack(ctx context.Context, m merge, others []merge, contacts []Contact) error {
	groups, err := s.conversationsOf(ctx, groupsQuery, m.survivor)
	if err != nil {
		return err
	}
	taken := map[string]place{}
	for _, p := range m.moved.Places {
		taken[p.Conversation] = p
	}
	for _, group := range groups {
		owner, _ := ownerOf(group.network, "", contacts)
		p, was := taken[group.id]
		var left, back *int64
		switch {
		case was:
			left, back = p.apart(group.at, owner == m.merged, others)
		case owner == m.merged:
			back = &group.at // joined since, by a contact that goes back
		default:
			continue
		}
		if err = s.setPlace(ctx, group.id, m.survivor, left); err == nil {
			err = s.setPlace(ctx, group.id, m.merged, back)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// apart returns when the survivor, without the merged customer, and the merged customer were last heard in a group where
// both together were at lastIn. theirs tells that what came since the merge was the merged customer's. A later merge that
// found this customer's time in the survivor's place finds the survivor's own from now on.
func (p place) apart(lastIn int64, theirs bool, others []merge) (survivor, merged *int64) {
	survivor, merged = p.Survivor, &p.LastIn
	together := latest(p.Survivor, &p.LastIn)
	for i := range others {
		for j := range others[i].moved.Places {
			other := &others[i].moved.Places[j]
			if other.Conversation != p.Conversation {
				continue
			}
			if other.Survivor != nil && *other.Survivor == *latest(p.Survivor, &p.LastIn) {
				other.Survivor = p.Survivor
			}
			survivor = latest(survivor, &other.LastIn)
		}
	}
	switch {
	case lastIn <= *together:
	case theirs:
		merged = &lastIn
	default:
		survivor = &lastIn
	}
	return survivor, merged
}

// latest returns the later of two times; nil is never.
func latest(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
