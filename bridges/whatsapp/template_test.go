package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

func TestTemplateParts(t *testing.T) {
	info := graph.TemplateInfo{
		Name: "n", Language: "en_US", Category: "UTILITY", Status: "APPROVED", ParameterFormat: "NAMED",
		Components: []graph.TemplateComponent{
			{Type: "header", Format: "text", Text: "For {{who}}"}, {Type: "BODY", Text: "Order {{order}} on {{day}}"}, {Type: "FOOTER", Text: "Bye"},
			{Type: "BUTTONS", Buttons: []graph.TemplateButton{{Type: "QUICK_REPLY", Text: "Yes"}, {Type: "URL", Text: "Track", URL: "https://x/{{1}}"}, {Type: "PHONE_NUMBER", Text: "Call"}, {Type: "COPY_CODE", Text: "Copy"}}},
		},
	}
	plain := plainTemplate(info)
	t.Run("AllPartsAreRead", func(t *testing.T) {
		if plain.Header != (channel.TemplateHeader{Kind: "TEXT", Text: "For {{who}}"}) || plain.Body != "Order {{order}} on {{day}}" || plain.Footer != "Bye" || len(plain.Buttons) != 4 || plain.Buttons[1].URL != "https://x/{{1}}" {
			t.Errorf("got %+v", plain)
		}
		if !slices.Equal(plain.Variables(), []string{"order", "day"}) || !slices.Equal(plain.HeaderVariables(), []string{"who"}) {
			t.Errorf("variables %v and %v", plain.Variables(), plain.HeaderVariables())
		}
	})
	t.Run("NamedVariablesCarryTheirNames", func(t *testing.T) {
		raw, err := json.Marshal(values(plain.Variables(), []string{"A-1", "Monday"}, named(info)))
		if err != nil || !strings.Contains(string(raw), `"parameter_name":"order"`) || !strings.Contains(string(raw), `"text":"Monday"`) {
			t.Errorf("got %s, %v", raw, err)
		}
	})
	t.Run("AlsoInTheHeader", func(t *testing.T) {
		cl := &Client{connector: &Connector{clock: clock.System{}}, templates: templateCache{list: []graph.TemplateInfo{info}, read: time.Now()}}
		content, err := cl.templateContent(context.Background(), nil, &network.TemplateContent{
			Name: "n", Language: "en_US", Header: []string{"Ana"}, Variables: []string{"A-1", "Monday"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := wire(t, content); !strings.Contains(got, `"parameter_name":"who"`) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("PositionalOnesDoNot", func(t *testing.T) {
		raw, err := json.Marshal(values([]string{"1"}, []string{"A-1"}, false))
		if err != nil || strings.Contains(string(raw), "parameter_name") {
			t.Errorf("got %s, %v", raw, err)
		}
	})
	t.Run("ButtonsThatWereGivenSomethingGetIt", func(t *testing.T) {
		parts := buttonParts(plain.Buttons, []string{"payload", "", "ignored", "CODE", "one too many"})
		raw, err := json.Marshal(parts)
		if err != nil || len(parts) != 2 || !strings.Contains(string(raw), `"payload"`) || !strings.Contains(string(raw), `"coupon_code":"CODE"`) {
			t.Errorf("got %s, %v", raw, err)
		}
		if url := buttonParts(plain.Buttons, []string{"", "end"}); len(url) != 1 || url[0].SubType != "url" {
			t.Errorf("got %+v", url)
		}
	})
	t.Run("APlaceInTheHeader", func(t *testing.T) {
		info := graph.TemplateInfo{Name: "n", Language: "en_US", Components: []graph.TemplateComponent{{Type: "HEADER", Format: "LOCATION"}}}
		cl := &Client{connector: &Connector{clock: clock.System{}}, templates: templateCache{list: []graph.TemplateInfo{info}, read: time.Now()}}
		content := func(place *network.Place) (graph.Content, error) {
			return cl.templateContent(context.Background(), nil, &network.TemplateContent{Name: "n", Language: "en_US", Place: place})
		}
		for body, want := range map[string]string{
			"Our shop\nGran Vía 1, Madrid\nhttps://map.example": `"location":{"latitude":40.4168,"longitude":-3.7038,"name":"Our shop","address":"Gran Vía 1, Madrid"}`,
			"Our shop\nhttps://map.example":                     `"name":"Our shop","address":"40.41680, -3.70380"`,
			"Location was shared at geo:40.4168,-3.7038":        `"name":"Location","address":"40.41680, -3.70380"`,
		} {
			got, err := content(&network.Place{GeoURI: "geo:40.4168,-3.7038;u=10", Body: body})
			if err != nil || !strings.Contains(wire(t, got), want) {
				t.Errorf("%q became %v, %v", body, got, err)
			}
		}
		for _, place := range []*network.Place{nil, {GeoURI: "geo:nowhere"}} {
			if _, err := content(place); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
				t.Errorf("%+v gives %v", place, err)
			}
		}
	})
	t.Run("AFileThatCannotBeAHeaderIsRefused", func(t *testing.T) {
		if _, err := filePart(graph.OutAudio{}); !errors.Is(err, errs.ErrUnsupported) || errs.Message(err) == "" {
			t.Errorf("got %v", err)
		}
		for _, file := range []graph.Content{graph.OutImage{}, graph.OutVideo{}, graph.OutDocument{}} {
			if part, err := filePart(file); err != nil || part.Type != "header" {
				t.Errorf("%T gives %+v, %v", file, part, err)
			}
		}
	})
}
