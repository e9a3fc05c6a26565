package message

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// Composed is what an event says beyond what Matrix has words for; nil if it does not.
type Composed struct {
	Template *network.TemplateContent
	Choices  *network.ChoicesContent
}

// Composition reads what stands beside an event's text for the bridge.
func Composition(evt *event.Event) (c Composed) {
	if raw, ok := evt.Content.Raw[network.TemplateKey]; ok {
		c.Template = decodeKey[network.TemplateContent](raw)
	} else if raw, ok = evt.Content.Raw[network.ChoicesKey]; ok {
		c.Choices = decodeKey[network.ChoicesContent](raw)
	}
	return c
}

func decodeKey[T any](raw any) *T {
	encoded, err := json.Marshal(raw)
	if err != nil {
		return nil
	}
	value := new(T)
	if json.Unmarshal(encoded, value) != nil {
		return nil
	}
	return value
}

// Body returns an event's text and its HTML; the HTML is empty if there is none that counts.
func Body(content *event.MessageEventContent) (body, html string) {
	if content.Format == event.FormatHTML {
		html = content.FormattedBody
	}
	return content.Body, html
}

// Caption returns what stands under a file, with its HTML; both empty if nothing does.
func Caption(content *event.MessageEventContent) (body, html string) {
	if content.FileName == "" || content.FileName == content.Body {
		return "", ""
	}
	return Body(content)
}

// Place is a spot on the map.
type Place struct {
	Latitude, Longitude float64
	Name, Address       string // one line each; empty if it has none
}

// ReadPlace reads a location message. Coordinates that cannot be read are an errs.ErrInvalid.
func ReadPlace(content *event.MessageEventContent) (Place, error) {
	coordinates, _, _ := strings.Cut(strings.TrimPrefix(content.GeoURI, "geo:"), ";")
	latitude, longitude, _ := strings.Cut(coordinates, ",")
	longitude, _, _ = strings.Cut(longitude, ",") // an altitude may follow
	lat, latErr := strconv.ParseFloat(latitude, 64)
	long, longErr := strconv.ParseFloat(longitude, 64)
	if latErr != nil || longErr != nil || !(math.Abs(lat) <= 90 && math.Abs(long) <= 180) { // also what is no number
		return Place{}, errs.Tell(fmt.Errorf("geo_uri of a location: %w", errs.ErrInvalid), "the location has no coordinates that Puente can read.")
	}
	place := Place{Latitude: lat, Longitude: long}
	if text := strings.TrimSpace(content.Body); !strings.Contains(text, "geo:") {
		var below string
		place.Name, below, _ = strings.Cut(text, "\n")
		if second, _, _ := strings.Cut(below, "\n"); !strings.Contains(second, "://") { // else a link to a map
			place.Address = strings.TrimSpace(second)
		}
	}
	return place, nil
}

// Unsupported refuses a kind of message that the network has nothing for.
func Unsupported(networkName string, kind event.MessageType) error {
	return errs.Tell(fmt.Errorf("message type %s: %w", kind, errs.ErrUnsupported),
		networkName+" has nothing that corresponds to this kind of message.")
}

// TooLong refuses a text of so many characters where the network takes most.
func TooLong(networkName, what string, length, most int) error {
	return errs.Tell(fmt.Errorf("%s of %d characters: %w", what, length, errs.ErrTooLarge),
		fmt.Sprintf("the %s has %d characters and %s takes %d. Send it in several messages.", what, length, networkName, most))
}

// FileKind is what a file is to be for the reader.
func FileKind(content *event.MessageEventContent) media.Kind {
	switch content.MsgType {
	case event.MsgImage:
		return media.Image
	case event.MsgVideo:
		return media.Video
	case event.CapMsgSticker:
		return media.Sticker
	case event.MsgAudio:
		if content.MSC3245Voice != nil {
			return media.Voice
		}
		return media.Audio
	}
	return media.Document
}
