package emulator

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The most characters that a text and a caption may have. ref: reference/telegram-bot.md §4
const (
	maxText    = 4096
	maxCaption = 1024
)

// entityTypes are the entities that a bot may give. ref: reference/telegram-bot.md §3
func entityTypes() []string {
	return []string{
		"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
		"strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
		"custom_emoji", "date_time",
	}
}

// entityText is the part of a text that an entity covers; offset and length count UTF-16 units.
func entityText(text string, entity object) string {
	units := utf16.Encode([]rune(text))
	from, length := int(integer(entity["offset"])), int(integer(entity["length"]))
	if from < 0 || length < 0 || from+length > len(units) {
		return ""
	}
	return string(utf16.Decode(units[from : from+length]))
}

// formatted is a text as a bot sends it: checked, trimmed at both ends, with the links that Telegram finds by itself.
func formatted(text string, entities []any, limit int, tooLong string) (string, []any, *refusal) {
	if !utf8.ValidString(text) {
		return "", nil, bad("strings must be encoded in UTF-8")
	}
	if r := checkEntities(text, entities); r != nil {
		return "", nil, r
	}
	text, entities = trim(text, entities)
	if utf8.RuneCountInString(text) > limit {
		return "", nil, bad(tooLong)
	}
	return text, detect(text, entities), nil
}

// checkEntities refuses entities that lie outside of the text or that cut a character in two.
func checkEntities(text string, entities []any) *refusal {
	units := utf16.Encode([]rune(text))
	for _, v := range entities {
		entity, _ := v.(object)
		from, length := integer(entity["offset"]), integer(entity["length"])
		kind, _ := entity["type"].(string)
		switch {
		case !allows(entityTypes(), kind):
			return bad("can't parse MessageEntity: unsupported type specified")
		case from < 0 || length <= 0 || from+length > int64(len(units)):
			return bad("ENTITY_BOUNDS_INVALID")
		case cutsPair(units, from) || cutsPair(units, from+length):
			return bad(fmt.Sprintf("entity begins or ends in a middle of a UTF-16 symbol near offset %d", from))
		case kind == "text_link" && entity["url"] == nil, kind == "text_mention" && entity["user"] == nil,
			kind == "custom_emoji" && entity["custom_emoji_id"] == nil:
			return bad("can't parse MessageEntity: a field of " + kind + " is missing")
		}
	}
	return nil
}

func cutsPair(units []uint16, at int64) bool {
	return at > 0 && at < int64(len(units)) && utf16.IsSurrogate(rune(units[at])) && units[at] >= 0xdc00
}

// trim takes white space off both ends, as Telegram does, and moves the entities along.
func trim(text string, entities []any) (string, []any) {
	short := strings.TrimRightFunc(text, unicode.IsSpace)
	left := len(short) - len(strings.TrimLeftFunc(short, unicode.IsSpace))
	if len(short) == len(text) && left == 0 {
		return text, entities
	}
	cut := utf16Length(short[:left])
	short = short[left:]
	end := utf16Length(short)
	var out []any
	for _, v := range entities {
		entity := v.(object)
		from := max(integer(entity["offset"])-cut, 0)
		to := min(integer(entity["offset"])+integer(entity["length"])-cut, end)
		if to > from {
			moved := copyObject(entity)
			moved["offset"], moved["length"] = from, to-from
			out = append(out, moved)
		}
	}
	return short, out
}

func copyObject(o object) object {
	out := object{}
	for name, v := range o {
		out[name] = v
	}
	return out
}

// What Telegram finds in a text by itself. Group 1 is the entity.
var (
	findCommand = regexp.MustCompile(`(?:^|[\s(])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)\b`)
	findMention = regexp.MustCompile(`(?:^|[^\w/@])(@[A-Za-z][A-Za-z0-9_]{3,31})\b`)
	findHashtag = regexp.MustCompile(`(?:^|[\s(])(#[\p{L}\d_]*[\p{L}_][\p{L}\d_]*)`)
	findURL     = regexp.MustCompile(`(?:^|[\s(])(https?://[^\s<>"]*[^\s<>".,;:!?)])`)
	findEmail   = regexp.MustCompile(`(?:^|[\s(])([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b`)
)

// detect adds the entities that Telegram finds where the text has none that forbids it.
func detect(text string, entities []any) []any {
	out := append([]any{}, entities...)
	for _, search := range []struct {
		kind    string
		pattern *regexp.Regexp
	}{
		{"url", findURL}, {"email", findEmail}, {"bot_command", findCommand}, {"mention", findMention}, {"hashtag", findHashtag},
	} {
		for _, at := range search.pattern.FindAllStringSubmatchIndex(text, -1) {
			from := utf16Length(text[:at[2]])
			length := utf16Length(text[at[2]:at[3]])
			if !overlaps(out, from, from+length) {
				out = append(out, object{"type": search.kind, "offset": from, "length": length})
			}
		}
	}
	return out
}

// overlaps tells whether a part of a text has an entity that lets nothing be found there.
func overlaps(entities []any, from, to int64) bool {
	for _, v := range entities {
		entity := v.(object)
		switch entity["type"] {
		case "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote":
			continue
		}
		if start := integer(entity["offset"]); start < to && from < start+integer(entity["length"]) {
			return true
		}
	}
	return false
}

// utf16Length counts a text as Telegram counts offsets.
func utf16Length(text string) int64 { return int64(len(utf16.Encode([]rune(text)))) }
