package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
)

// differences lists where Meta's OpenAPI file (v23.0, 2025-11) is behind the service or contradicts its own
// examples, as "part: where: rule". The test fails when one is missing here and when one no longer holds.
// ref: whatsapp-cloud.md §0
func differences() []string {
	return []string{
		// Came later than the schema.
		"send text: /biz_opaque_callback_data: unknown member",
		// The file knows no business-scoped user IDs.
		"send to user ID: /: required",
		"send to user ID: /recipient: unknown member",
		// The file's own example writes numbers.
		"send location: /location/latitude: type",
		"send location: /location/longitude: type",
		// Newer interactive types.
		"send link: /interactive/action: oneOf",
		"send link: /interactive/type: enum",
		"send location request: /interactive/action: oneOf",
		"send location request: /interactive/type: enum",
		"send contact request: /interactive/action: oneOf",
		"send contact request: /interactive/type: enum",
		// One limit for all bodies, although a list may have 4,096 characters.
		"send list: /interactive/body/text: maxLength",
		// `policy` is not needed in practice; the pattern of `index` refuses "0"; copy-code buttons are missing.
		"send template: /template/language: required",
		"send template: /template/components/2/index: pattern",
		"send template: /template/components/3/sub_type: enum",
		// Headers with a location are missing.
		"send template with place: /template/language: required",
		"send template with place: header parameter location: unknown",
		// The operation's body is a message; marking as read has a schema that no operation uses.
		"mark read: schema MarkMessageRequestPayload: unused",
		"mark typing: schema MarkMessageRequestPayload: unused",
		// The documentation asks for the type beside the file, and the list for its fields.
		"upload media: form field type: unknown",
		"list templates: query fields: unknown",
	}
}

// exchange is one call of the client, what the server answers and what the file says about both.
type exchange struct {
	name     string
	template string // the path in the file
	schema   string // of the request, when the file's operation only names a union of many
	call     func(c *graph.Client) error
	answer   string // "" for the file's own example
}

func exchanges() []exchange {
	ctx := context.Background()
	const messages = "/{Version}/{Phone-Number-ID}/messages"
	sends := func(name, schema string, msg graph.OutgoingMessage) exchange {
		return exchange{"send " + name, messages, schema, func(c *graph.Client) error {
			_, err := c.Send(ctx, ourNumber, msg)
			return err
		}, accepted}
	}
	out := func(name, schema string, content graph.Content) exchange {
		return sends(name, schema, graph.OutgoingMessage{To: "16505551234", ReplyTo: "wamid.IN1", Content: content})
	}
	section := []graph.Section{{Title: "S", Rows: []graph.Row{{ID: "r", Title: "R", Description: "d"}}}}
	link := graph.MediaRef{Link: "https://example.com/f"}
	card := graph.Card{Name: &graph.CardName{FormattedName: "Ana Gomez", FirstName: "Ana"}, Phones: []graph.CardPhone{{Phone: "+1 650", WaID: "1650", Type: "WORK"}},
		Emails: []graph.CardEmail{{Email: "a@example.com", Type: "HOME"}}, Addresses: []graph.CardAddress{{City: "Bern", Type: "HOME", Zip: "3000"}},
		Org: &graph.CardOrg{Company: "Bikes"}, URLs: []graph.CardURL{{URL: "https://example.com"}}, Birthday: "2012-08-18"}
	list := []exchange{
		sends("text", "TextMessage", hello()),
		sends("to user ID", "TextMessage", graph.OutgoingMessage{Recipient: "US.1349", Content: graph.OutText{Body: "x"}}),
		sends("to group", "TextMessage", graph.OutgoingMessage{To: "Y2Fw", Group: true, Content: graph.OutText{Body: "x"}}),
		out("reply", "TextMessage", graph.OutText{Body: "x", PreviewURL: true}),
		out("image", "ImageMessage", graph.OutImage{MediaRef: file, Caption: "c"}),
		out("video", "VideoMessage", graph.OutVideo{MediaRef: link, Caption: "c"}),
		out("voice", "AudioMessage", graph.OutAudio{MediaRef: file, Voice: true}),
		out("document", "DocumentMessage", graph.OutDocument{MediaRef: file, Caption: "c", Filename: "f.pdf"}),
		out("sticker", "StickerMessage", graph.OutSticker{MediaRef: file}),
		out("location", "LocationMessage", graph.OutLocation{Latitude: 1, Longitude: 2, Name: "n", Address: "a"}),
		out("contacts", "ContactsMessage", graph.OutContacts{card}),
		sends("reaction", "ReactionMessage", graph.OutgoingMessage{To: "16505551234", Content: graph.OutReaction{MessageID: "wamid.IN1", Emoji: "👍"}}),
		out("buttons", "InteractiveMessage", graph.OutButtons{Header: &graph.Header{Media: "image", File: file}, Body: "b", Footer: "f", Buttons: buttons(3)}),
		out("list", "InteractiveMessage", graph.OutList{Header: &graph.Header{Text: "h"}, Body: long(4096), Button: "o", Sections: section}),
		out("link", "InteractiveMessage", graph.OutLink{Body: "b", Display: "Open", URL: "https://example.com"}),
		out("location request", "InteractiveMessage", graph.OutLocationRequest{Body: "b"}),
		out("contact request", "InteractiveMessage", graph.OutContactRequest{Body: "b"}),
		out("template", "TemplateMessage", graph.OutTemplate{Name: "n", Language: "en_US", Components: []graph.Component{
			graph.HeaderPart(graph.ImageValue(file)),
			graph.BodyPart(graph.TextValue("a"), graph.NamedText("n", "b"), graph.DateValue("Monday"), graph.CurrencyValue(graph.Currency{FallbackValue: "$1", Code: "USD", Amount1000: 1000})),
			graph.ButtonPart("quick_reply", 0, graph.PayloadValue("p")), graph.ButtonPart("copy_code", 1, graph.TextValue("x")),
			graph.ButtonPart("url", 2, graph.TextValue("x"))}}),
		out("template with place", "TemplateMessage", graph.OutTemplate{Name: "n", Language: "en_US", Components: []graph.Component{
			graph.HeaderPart(graph.LocationValue(graph.OutLocation{Name: "n", Address: "a"}))}}),
		{"mark read", messages, "MarkMessageRequestPayload", func(c *graph.Client) error { return c.MarkRead(ctx, ourNumber, "wamid.IN1") }, `{"success":true}`},
		{"mark typing", messages, "MarkMessageRequestPayload", func(c *graph.Client) error { return c.MarkReadTyping(ctx, ourNumber, "wamid.IN1") }, `{"success":true}`},
	}
	return append(list, managementExchanges(ctx)...)
}

func managementExchanges(ctx context.Context) []exchange {
	const number, waba = "/{Version}/{Phone-Number-ID}", "/{Version}/{WABA-ID}"
	return []exchange{
		{"upload media", number + "/media", "", func(c *graph.Client) error {
			_, err := c.UploadMedia(ctx, ourNumber, strings.NewReader("x"), 1, "image/png", "a.png")
			return err
		}, ""},
		{"look up media", "/{Version}/{Media-ID}", "", func(c *graph.Client) error {
			_, err := c.MediaInfo(ctx, "2621233374848975", ourNumber)
			return err
		}, ""},
		{"delete media", "/{Version}/{Media-ID}", "", func(c *graph.Client) error { return c.DeleteMedia(ctx, "2621233374848975", ourNumber) }, ""},
		{"read phone number", number, "", func(c *graph.Client) error {
			got, err := c.PhoneNumber(ctx, ourNumber)
			return expect(err, got.VerifiedName == "Jaspers Market")
		}, ""},
		{"read business profile", number + "/whatsapp_business_profile", "", func(c *graph.Client) error {
			got, err := c.BusinessProfile(ctx, ourNumber)
			return expect(err, got.Vertical == "RESTAURANT")
		}, ""},
		{"list templates", waba + "/message_templates", "", func(c *graph.Client) error {
			got, err := c.Templates(ctx, ourWABA, graph.TemplateFilter{Name: "n"})
			return expect(err, len(got.Templates) > 0 && got.Templates[0].Status == "APPROVED" && len(got.Templates[0].Components) > 0)
		}, ""},
		{"subscribe", waba + "/subscribed_apps", "", func(c *graph.Client) error { return c.SubscribeApp(ctx, ourWABA, nil) }, ""},
		{"subscribe with callback", waba + "/subscribed_apps", "", func(c *graph.Client) error {
			return c.SubscribeApp(ctx, ourWABA, &graph.Callback{URL: "https://example.com/hook", VerifyToken: "v"})
		}, ""},
		{"list subscribed apps", waba + "/subscribed_apps", "", func(c *graph.Client) error {
			got, err := c.SubscribedApps(ctx, ourWABA)
			return expect(err, len(got) > 0 && got[0].ID != "")
		}, ""},
		{"block users", number + "/block_users", "", func(c *graph.Client) error {
			got, err := c.BlockUsers(ctx, ourNumber, "16505551234")
			return expect(err, len(got.Done) == 1)
		}, ""},
		{"unblock users", number + "/block_users", "", func(c *graph.Client) error {
			got, err := c.UnblockUsers(ctx, ourNumber, "16505551234")
			return expect(err, len(got.Done) == 1)
		}, ""},
		{"list blocked users", number + "/block_users", "", func(c *graph.Client) error {
			got, _, err := c.BlockedUsers(ctx, ourNumber, "")
			return expect(err, len(got) == 1 && got[0].WaID == "16505551234")
		}, ""},
	}
}

func expect(err error, right bool) error {
	if err == nil && !right {
		return errors.New("the answer was read wrongly")
	}
	return err
}

func TestContract(t *testing.T) {
	s := loadSpec(t)
	var found []string
	for _, x := range exchanges() {
		t.Run(strings.ReplaceAll(x.name, " ", "_"), func(t *testing.T) {
			for _, finding := range s.run(t, x) {
				found = append(found, x.name+": "+finding)
			}
		})
	}
	slices.Sort(found)
	found = slices.Compact(found)
	known := differences()
	for _, one := range found {
		if !slices.Contains(known, one) {
			t.Errorf("against the file: %s", one)
		}
	}
	for _, one := range known {
		if !slices.Contains(found, one) {
			t.Errorf("stale: %s", one)
		}
	}
}

// run makes one call and returns where request or answer differ from the file.
func (s *spec) run(t *testing.T, x exchange) []string {
	t.Helper()
	var findings []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer := x.answer
		if answer == "" {
			answer = s.example(t, at(s.root, "paths", x.template, strings.ToLower(r.Method), "responses", "200"))
		}
		says(200, answer)(w, r)
	})
	if err := x.call(server.client(t)); err != nil {
		t.Fatal(err)
	}
	r := server.last(t)
	op := at(s.root, "paths", x.template, strings.ToLower(r.method))
	if op == nil {
		t.Fatalf("the file has no %s %s", r.method, x.template)
	}
	if _, other := s.operation(r.method, r.path); other == nil {
		t.Fatalf("no path of the file matches %s", r.path)
	}
	findings = append(findings, s.parameters(t, x, r)...)
	findings = append(findings, s.body(t, x, op, r)...)
	if x.answer != "" && x.schema != "MarkMessageRequestPayload" {
		for _, finding := range s.check(t, pointer("components", "schemas", "MessageResponsePayload"), []byte(x.answer)) {
			findings = append(findings, "answer "+finding)
		}
	}
	return findings
}

// body checks the body of a request.
func (s *spec) body(t *testing.T, x exchange, op map[string]any, r seen) []string {
	t.Helper()
	if len(r.body) == 0 {
		if required, _ := at(op, "requestBody")["required"].(bool); required {
			return []string{"body: missing"}
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(r.contentType)
	if err != nil {
		t.Fatal(err)
	}
	if at(op, "requestBody", "content", kind) == nil {
		return []string{"body: content type " + kind}
	}
	if kind == "multipart/form-data" {
		return s.form(t, op, r)
	}
	if x.schema == "" {
		return s.check(t, pointer("paths", x.template, strings.ToLower(r.method), "requestBody", "content", kind, "schema"), r.body)
	}
	findings := s.check(t, pointer("components", "schemas", x.schema), r.body)
	if x.schema == "TemplateMessage" {
		findings = append(findings, s.template(t, r.json(t))...)
	}
	union, ok := s.schemas()["Message"].(map[string]any)
	if mapping := at(union, "discriminator", "mapping"); !ok || !slices.Contains(refs(mapping), "#/components/schemas/"+x.schema) {
		findings = append(findings, "schema "+x.schema+": unused")
	}
	return findings
}

func refs(mapping map[string]any) []string {
	var list []string
	for _, ref := range mapping {
		list = append(list, fmt.Sprint(ref))
	}
	return list
}

// template follows the discriminators of components and parameters, which JSON Schema does not know.
func (s *spec) template(t *testing.T, body map[string]any) []string {
	t.Helper()
	var findings []string
	components, _ := at(body, "template")["components"].([]any)
	for i, one := range components {
		component := one.(map[string]any)
		kind := component["type"].(string)
		raw, err := json.Marshal(component)
		if err != nil {
			t.Fatal(err)
		}
		union := map[string]string{"header": "HeaderComponent", "body": "BodyComponent", "button": "ButtonComponent"}[kind]
		for _, finding := range s.check(t, pointer("components", "schemas", union), raw) {
			if !strings.Contains(finding, "/parameters/") { // checked below
				findings = append(findings, fmt.Sprintf("/template/components/%d%s", i, finding))
			}
		}
		findings = append(findings, s.values(t, kind, component)...)
	}
	return findings
}

func (s *spec) values(t *testing.T, kind string, component map[string]any) []string {
	t.Helper()
	union := "ParameterObject"
	if kind == "button" {
		union = "ButtonParameterObject"
	}
	mapping := at(s.schemas(), union, "discriminator", "mapping")
	var findings []string
	list, _ := component["parameters"].([]any)
	for _, one := range list {
		value := one.(map[string]any)
		ref, known := mapping[value["type"].(string)].(string)
		if !known {
			findings = append(findings, fmt.Sprintf("%s parameter %v: unknown", kind, value["type"]))
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range s.check(t, specURL+ref, raw) {
			findings = append(findings, fmt.Sprintf("%s parameter %v %s", kind, value["type"], finding))
		}
	}
	return findings
}

// form checks that a multipart body has exactly the fields that the file knows.
func (s *spec) form(t *testing.T, op map[string]any, r seen) []string {
	t.Helper()
	fields, part, _ := form(t, r)
	known := at(op, "requestBody", "content", "multipart/form-data", "schema", "properties")
	var findings []string
	for name := range fields {
		if known[name] == nil {
			findings = append(findings, "form field "+name+": unknown")
		}
	}
	if part == nil {
		findings = append(findings, "form field file: missing")
	}
	return findings
}

// parameters checks path, query and headers.
func (s *spec) parameters(t *testing.T, x exchange, r seen) []string {
	t.Helper()
	item := at(s.root, "paths", x.template)
	own, _ := item[strings.ToLower(r.method)].(map[string]any)["parameters"].([]any)
	shared, _ := item["parameters"].([]any)
	segments, names := strings.Split(r.path, "/"), strings.Split(x.template, "/")
	if len(segments) != len(names) {
		t.Fatalf("%s is not %s", r.path, x.template)
	}
	var findings []string
	query := map[string]bool{}
	for _, one := range append(own, shared...) {
		parameter := s.resolve(one.(map[string]any))
		name, _ := parameter["name"].(string)
		pattern, _ := at(parameter, "schema")["pattern"].(string)
		value := ""
		switch parameter["in"] {
		case "path":
			value = segments[slices.Index(names, "{"+name+"}")]
		case "query":
			query[name] = true
			value = strings.Join(r.query[name], ",")
		case "header":
			value = map[string]string{"User-Agent": r.agent, "Authorization": r.auth, "Content-Type": r.contentType}[name]
		}
		required := parameter["required"] == true && !(name == "Content-Type" && len(r.body) == 0)
		if required && value == "" || value != "" && !regexp.MustCompile(pattern).MatchString(value) {
			findings = append(findings, fmt.Sprintf("%s %s: %q", parameter["in"], name, value))
		}
	}
	for name := range r.query {
		if !query[name] {
			findings = append(findings, "query "+name+": unknown")
		}
	}
	return findings
}

// TestErrorExamples reads the errors that the file shows as examples of the calls that the client makes.
func TestErrorExamples(t *testing.T) {
	s := loadSpec(t)
	unknown := graph.Explain(graph.NoCode).Reason
	count := 0
	for _, x := range exchanges() {
		for method, op := range at(s.root, "paths", x.template) {
			responses, _ := op.(map[string]any)
			for status, response := range at(responses, "responses") {
				body := s.example(t, s.resolve(response.(map[string]any)))
				var code int
				if _, err := fmt.Sscan(status, &code); err != nil || code < 400 || body == "" {
					continue
				}
				count++
				server := serve(t, says(code, body))
				_, err := send(t, server.client(t), hello())
				var e *graph.Error
				if !errors.As(err, &e) || e.Code == graph.NoCode || e.Explain().Reason == unknown {
					t.Errorf("%s %s, %s: %v is not understood", method, x.template, status, err)
				}
				quiet(t, err)
			}
		}
	}
	if count == 0 {
		t.Fatal("the file shows no errors")
	}
}
