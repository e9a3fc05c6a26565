package phone

import "slices"

// deed is an offer in the sheet beside the text field.
type deed struct {
	Offer
	P      *phoneView
	Icon   string
	Accept string // types of file
}

// Do is where the deed's form leads.
func (d deed) Do() string { return d.P.Do(d.Kind) }

// Sheet lists what the sheet beside the text field offers: all gestures that have no other place on the phone.
func (v *phoneView) Sheet() []deed {
	icons := map[string]string{
		SendFile: "clip", Voice: "mic", Sticker: "smile", Location: "pin", Contact: "person", PollStart: "poll", Typing: "pencil",
	}
	accept := map[string]string{Voice: "audio/*", Sticker: "image/*,video/webm,.tgs"}
	elsewhere := []string{Text, Vote, React, Unreact, Edit, Delete, Press, Read, Played, Call, Set}
	var out []deed
	for _, o := range v.Offers {
		if slices.Contains(elsewhere, o.Kind) {
			continue
		}
		d := deed{Offer: o, P: v, Icon: icons[o.Kind], Accept: accept[o.Kind]}
		if d.Icon == "" {
			d.Icon = "odd"
		}
		out = append(out, d)
	}
	return out
}
