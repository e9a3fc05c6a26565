package emulator

import (
	"encoding/base64"
	"fmt"
	"net/url"
)

// formDecode undoes URL encoding as the daemon does it: + is a space.
func formDecode(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// base64Of answers with a file.
func (e *Emulator) base64Of(id, absent string) (any, error) {
	_, data, err := e.content(id)
	if err != nil {
		return nil, userError(absent)
	}
	return object{"data": base64.StdEncoding.EncodeToString(data)}, nil
}

func doGetAttachment(c *call, _ *business, p params) (any, error) {
	id := p.text("id")
	if id == nil {
		return nil, userError("Missing attachment id parameter")
	}
	return c.e.base64Of(*id, "Could not find attachment with ID: "+*id)
}

func doGetAvatar(c *call, b *business, p params) (any, error) {
	const absent = "Could not find avatar"
	for _, key := range []string{"contact", "profile"} {
		name := p.textOr(key)
		if name == "" {
			continue
		}
		who, err := c.e.resolve(name)
		if err != nil {
			return nil, err
		}
		switch {
		case key == "contact":
			return nil, userError(absent) // contacts of the daemon have none; profiles do
		case who.person != nil && b.relation(who.aci).Met:
			return c.e.base64Of(who.person.Avatar, absent)
		case who.business != nil:
			return c.e.base64Of(who.business.Avatar, absent)
		}
		return nil, userError(absent)
	}
	id := p.textOr("groupId")
	g, err := c.e.groupFor(b, id)
	if err != nil {
		return nil, userError(absent)
	}
	return c.e.base64Of(g.Avatar, absent)
}

func doGetSticker(c *call, _ *business, p params) (any, error) {
	pack := p.textOr("packId")
	id := p.numberOr("stickerId")
	if f, ok := sticker(pack, id); ok {
		return object{"data": base64.StdEncoding.EncodeToString(f.Data)}, nil
	}
	return nil, userError(fmt.Sprintf("Could not find sticker with ID: %d in pack %s", id, pack))
}

// sticker is one of the sample pack.
func sticker(pack string, id int64) (File, bool) {
	switch {
	case pack == SamplePack && id == 0:
		return Sample("sticker.webp"), true
	case pack == SamplePack && id == 1:
		return Sample("wave.webp"), true
	}
	return File{}, false
}
