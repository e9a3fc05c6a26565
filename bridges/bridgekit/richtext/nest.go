package richtext

import (
	"cmp"
	"slices"
)

// sortSpans puts spans in the order of their starts, outer ones before inner ones.
func sortSpans(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length),
			cmp.Compare(layer(a.Style), layer(b.Style)), cmp.Compare(a.Style, b.Style))
	})
}

// layer is what must be outside of what: a quote of lines of code of words.
func layer(s Style) int {
	switch s {
	case Quote:
		return 0
	case Pre:
		return 1
	default:
		return 2
	}
}

func isBlock(s Style) bool  { return layer(s) < 2 }
func isAnchor(s Style) bool { return s == Link || s == Mention }

// apart removes overlaps among spans of one style, and among links and mentions, of which only one can be at a
// place: equal ones become one, of others the earlier one wins. The result is sorted, and at most one span of each
// style is at any place, which bounds all work that follows.
func apart(spans []Span) []Span {
	sortSpans(spans)
	last := make(map[Style]int) // the place in out of the style's last span
	out := spans[:0:0]
	for _, s := range spans {
		group := s.Style
		if isAnchor(group) {
			group = Link
		}
		if i, found := last[group]; found {
			before := &out[i]
			end := s.end()
			if s.Offset <= before.end() && before.Style == s.Style && before.Value == s.Value && s.Style != Mention {
				before.Length = max(before.end(), end) - before.Offset
				continue
			}
			s.Offset = max(s.Offset, before.end())
			s.Length = end - s.Offset
		}
		if s.Length > 0 {
			last[group] = len(out)
			out = append(out, s)
		}
	}
	sortSpans(out)
	return out
}

// nest splits spans so that any two are apart or one lies in the other, as HTML needs it. The input is that of apart.
// The result is sorted by offset, an outer span before those inside of it. A link that crosses the edge of a block
// ends there, so that a long address is not repeated for each of many blocks.
func nest(spans []Span) []Span {
	n := nester{spans: spans}
	ends := make([]int, 0, len(spans))
	for _, s := range spans {
		ends = append(ends, s.end())
	}
	slices.Sort(ends)
	for next := 0; len(ends) > 0; {
		at := ends[0]
		if next < len(spans) {
			at = min(at, spans[next].Offset)
		}
		first := next
		for next < len(spans) && spans[next].Offset == at {
			next++
		}
		n.turn(at, first, next)
		for len(ends) > 0 && ends[0] == at {
			ends = ends[1:]
		}
	}
	return n.pieces
}

// nester goes through the offsets at which something begins or ends.
type nester struct {
	spans  []Span
	open   []openSpan // from outer to inner
	pieces []Span
}

// openSpan is a span that has begun, and the piece of it that is being made.
type openSpan struct{ span, piece int }

// turn ends the spans that end at the offset and begins those with the given indexes. There are at most as many open
// ones as there are styles.
func (n *nester) turn(at, first, next int) {
	var want []openSpan
	block := false
	for i := first; i < next; i++ {
		block = block || isBlock(n.spans[i].Style)
		want = append(want, openSpan{span: i, piece: -1})
	}
	for _, o := range n.open {
		if s := n.spans[o.span]; s.end() == at {
			block = block || isBlock(s.Style)
		}
	}
	for _, o := range n.open {
		if s := n.spans[o.span]; s.end() > at && (!block || !isAnchor(s.Style)) {
			want = append(want, o)
		}
	}
	n.order(want)
	same := 0
	for same < len(want) && same < len(n.open) && want[same] == n.open[same] {
		same++
	}
	for _, o := range n.open[same:] {
		n.pieces[o.piece].Length = at - n.pieces[o.piece].Offset
	}
	for i := same; i < len(want); i++ {
		piece := n.spans[want[i].span]
		piece.Offset = at
		want[i].piece = len(n.pieces)
		n.pieces = append(n.pieces, piece)
	}
	n.open = want
}

// order sorts open spans, outer ones first. Blocks are around all else, and words around a link only if they are
// around all of it, so that a link stays whole: two halves of a mention would look like two people.
func (n *nester) order(open []openSpan) {
	var anchor *Span
	for _, o := range open {
		if isAnchor(n.spans[o.span].Style) {
			anchor = &n.spans[o.span]
		}
	}
	rank := func(o openSpan) int {
		s := n.spans[o.span]
		switch {
		case isBlock(s.Style):
			return layer(s.Style)
		case anchor == nil || (!isAnchor(s.Style) && s.Offset <= anchor.Offset && s.end() >= anchor.end()):
			return 2
		case isAnchor(s.Style):
			return 3
		default:
			return 4
		}
	}
	slices.SortFunc(open, func(a, b openSpan) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.span, b.span))
	})
}
