package graph_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

var (
	file = graph.MediaRef{ID: "100"}
	long = func(n int) string { return strings.Repeat("ü", n) }
)

func buttons(n int) []graph.ReplyButton {
	var list []graph.ReplyButton
	for i := range n {
		list = append(list, graph.ReplyButton{ID: string(rune('a' + i)), Title: string(rune('A' + i))})
	}
	return list
}

func rows(from, n int) []graph.Row {
	var list []graph.Row
	for i := range n {
		list = append(list, graph.Row{ID: string(rune('a' + from + i)), Title: "T"})
	}
	return list
}

func TestCheckContent(t *testing.T) {
	oneRow := []graph.Section{{Rows: rows(0, 1)}}
	button := func(id, title string) graph.OutButtons {
		return graph.OutButtons{Body: "b", Buttons: []graph.ReplyButton{{ID: id, Title: title}}}
	}
	row := func(r graph.Row) graph.OutList {
		return graph.OutList{Body: "b", Button: "o", Sections: []graph.Section{{Rows: []graph.Row{r}}}}
	}
	template := func(parts ...graph.Component) graph.OutTemplate {
		return graph.OutTemplate{Name: "n", Language: "en", Components: parts}
	}
	for name, c := range map[string]struct {
		content graph.Content
		kind    error  // nil: it may go
		member  string // what the error names
	}{
		"TextAtTheLimit":        {graph.OutText{Body: long(4096)}, nil, ""},
		"TextOverTheLimit":      {graph.OutText{Body: long(4097)}, errs.ErrTooLarge, "text.body has 4097 characters"},
		"TextOfSpaces":          {graph.OutText{Body: " \n"}, errs.ErrInvalid, "text.body"},
		"ImageByID":             {graph.OutImage{MediaRef: file, Caption: long(1024)}, nil, ""},
		"ImageByLink":           {graph.OutImage{MediaRef: graph.MediaRef{Link: "https://example.com/a.jpg"}}, nil, ""},
		"ImageWithBoth":         {graph.OutImage{MediaRef: graph.MediaRef{ID: "1", Link: "https://example.com"}}, errs.ErrInvalid, "image"},
		"ImageWithNeither":      {graph.OutImage{}, errs.ErrInvalid, "image"},
		"ImageWithFileLink":     {graph.OutImage{MediaRef: graph.MediaRef{Link: "file:///etc/passwd"}}, errs.ErrInvalid, "image.link"},
		"ImageCaptionTooLong":   {graph.OutImage{MediaRef: file, Caption: long(1025)}, errs.ErrTooLarge, "image.caption"},
		"VideoCaptionTooLong":   {graph.OutVideo{MediaRef: file, Caption: long(1025)}, errs.ErrTooLarge, "video.caption"},
		"DocumentCaptionLong":   {graph.OutDocument{MediaRef: file, Caption: long(1025)}, errs.ErrTooLarge, "document.caption"},
		"AudioWithoutFile":      {graph.OutAudio{Voice: true}, errs.ErrInvalid, "audio"},
		"StickerWithoutFile":    {graph.OutSticker{}, errs.ErrInvalid, "sticker"},
		"LocationAtTheEdge":     {graph.OutLocation{Latitude: -90, Longitude: 180}, nil, ""},
		"LatitudeBeyond":        {graph.OutLocation{Latitude: 90.1}, errs.ErrInvalid, "location.latitude"},
		"LongitudeNotANumber":   {graph.OutLocation{Longitude: math.NaN()}, errs.ErrInvalid, "location.longitude"},
		"ContactsEmpty":         {graph.OutContacts{}, errs.ErrInvalid, "contacts"},
		"ContactWithoutName":    {graph.OutContacts{{}}, errs.ErrInvalid, "contacts[0].name.formatted_name"},
		"ContactOneNameOnly":    {graph.OutContacts{{Name: &graph.CardName{FormattedName: "A"}}}, errs.ErrInvalid, "contacts[0].name"},
		"ContactComplete":       {graph.OutContacts{{Name: &graph.CardName{FormattedName: "A", FirstName: "A"}}}, nil, ""},
		"ReactionTakenBack":     {graph.OutReaction{MessageID: "w"}, nil, ""},
		"ReactionOnNothing":     {graph.OutReaction{Emoji: "👍"}, errs.ErrInvalid, "reaction.message_id"},
		"ThreeButtons":          {graph.OutButtons{Body: long(1024), Buttons: buttons(3)}, nil, ""},
		"FourButtons":           {graph.OutButtons{Body: "b", Buttons: buttons(4)}, errs.ErrInvalid, "buttons has 4 elements"},
		"NoButtons":             {graph.OutButtons{Body: "b"}, errs.ErrInvalid, "buttons"},
		"ButtonsBodyTooLong":    {graph.OutButtons{Body: long(1025), Buttons: buttons(1)}, errs.ErrTooLarge, "body.text"},
		"ButtonsFooterTooLong":  {graph.OutButtons{Body: "b", Footer: long(61), Buttons: buttons(1)}, errs.ErrTooLarge, "footer.text"},
		"ButtonTitleAtTheLimit": {button("i", long(20)), nil, ""},
		"ButtonTitleTooLong":    {button("i", long(21)), errs.ErrTooLarge, "buttons[0].reply.title"},
		"ButtonIDTooLong":       {button(long(257), "t"), errs.ErrTooLarge, "buttons[0].reply.id"},
		"ButtonTwice":           {graph.OutButtons{Body: "b", Buttons: append(buttons(1), buttons(1)...)}, errs.ErrInvalid, "buttons[1].reply.id comes twice"},
		"HeaderTooLong":         {graph.OutButtons{Header: &graph.Header{Text: long(61)}, Body: "b", Buttons: buttons(1)}, errs.ErrTooLarge, "header.text"},
		"HeaderWithPicture":     {graph.OutButtons{Header: &graph.Header{Media: "image", File: file}, Body: "b", Buttons: buttons(1)}, nil, ""},
		"HeaderWithoutFile":     {graph.OutButtons{Header: &graph.Header{Media: "image"}, Body: "b", Buttons: buttons(1)}, errs.ErrInvalid, "header.image"},
		"HeaderOfAudio":         {graph.OutButtons{Header: &graph.Header{Media: "audio", File: file}, Body: "b", Buttons: buttons(1)}, errs.ErrInvalid, "header.type"},
		"ListAtTheLimits":       {graph.OutList{Body: long(4096), Button: long(20), Sections: []graph.Section{{Title: "x", Rows: rows(0, 4)}, {Title: "y", Rows: rows(4, 6)}}}, nil, ""},
		"ListOfElevenRows":      {graph.OutList{Body: "b", Button: "o", Sections: []graph.Section{{Title: "x", Rows: rows(0, 5)}, {Title: "y", Rows: rows(5, 6)}}}, errs.ErrInvalid, "11 elements"},
		"ListWithoutRows":       {graph.OutList{Body: "b", Button: "o", Sections: []graph.Section{{}}}, errs.ErrInvalid, "rows in all"},
		"ListWithoutSections":   {graph.OutList{Body: "b", Button: "o"}, errs.ErrInvalid, "sections"},
		"ListWithoutButton":     {graph.OutList{Body: "b", Sections: oneRow}, errs.ErrInvalid, "action.button"},
		"ListBodyTooLong":       {graph.OutList{Body: long(4097), Button: "o", Sections: oneRow}, errs.ErrTooLarge, "body.text"},
		"ListMediaHeader":       {graph.OutList{Header: &graph.Header{Media: "image", File: file}, Body: "b", Button: "o", Sections: oneRow}, errs.ErrInvalid, "header"},
		"ListSectionUntitled":   {graph.OutList{Body: "b", Button: "o", Sections: []graph.Section{{Rows: rows(0, 1)}, {Rows: rows(1, 1)}}}, errs.ErrInvalid, "sections[0].title"},
		"RowTitleTooLong":       {row(graph.Row{ID: "a", Title: long(25)}), errs.ErrTooLarge, "rows[0].title"},
		"RowDescriptionTooLong": {row(graph.Row{ID: "a", Title: "t", Description: long(73)}), errs.ErrTooLarge, "rows[0].description"},
		"RowIDTooLong":          {row(graph.Row{ID: long(201), Title: "t"}), errs.ErrTooLarge, "rows[0].id"},
		"Link":                  {graph.OutLink{Body: "b", Display: "Open", URL: "https://example.com"}, nil, ""},
		"LinkTextTooLong":       {graph.OutLink{Body: "b", Display: long(21), URL: "https://example.com"}, errs.ErrTooLarge, "display_text"},
		"LinkWithoutScheme":     {graph.OutLink{Body: "b", Display: "Open", URL: "example.com"}, errs.ErrInvalid, "parameters.url"},
		"LocationRequest":       {graph.OutLocationRequest{Body: "where?"}, nil, ""},
		"LocationRequestEmpty":  {graph.OutLocationRequest{}, errs.ErrInvalid, "body.text"},
		"ContactRequest":        {graph.OutContactRequest{Body: "number?"}, nil, ""},
		"Template": {template(graph.HeaderPart(graph.ImageValue(file)), graph.BodyPart(graph.NamedText("name", "Ana"), graph.CurrencyValue(graph.Currency{FallbackValue: "€1", Code: "EUR", Amount1000: 1000})),
			graph.ButtonPart("quick_reply", 0, graph.PayloadValue("yes")), graph.ButtonPart("copy_code", 1, graph.CouponValue(long(20)))), nil, ""},
		"TemplateWithoutName":     {graph.OutTemplate{Language: "en"}, errs.ErrInvalid, "template.name"},
		"TemplateWithoutLanguage": {graph.OutTemplate{Name: "n"}, errs.ErrInvalid, "template.language.code"},
		"TemplateEmptyVariable":   {template(graph.BodyPart(graph.TextValue(""))), errs.ErrInvalid, "components[0].parameters[0]"},
		"TemplateCouponTooLong":   {template(graph.ButtonPart("copy_code", 0, graph.CouponValue(long(21)))), errs.ErrTooLarge, "coupon_code"},
		"TemplateHeaderNoFile":    {template(graph.HeaderPart(graph.VideoValue(graph.MediaRef{}))), errs.ErrInvalid, "parameters[0].video"},
		"TemplateButtonNoIndex":   {template(graph.Component{Type: "button", SubType: "url"}), errs.ErrInvalid, "components[0]"},
		"TemplateUnknownPart":     {template(graph.Component{Type: "footer"}), errs.ErrInvalid, "components[0].type"},
		"TemplateUnknownValue":    {template(graph.BodyPart(graph.Parameter{Type: "poll"})), errs.ErrInvalid, "parameters[0].type"},
		"TemplatePlaceUnnamed":    {template(graph.HeaderPart(graph.LocationValue(graph.OutLocation{Latitude: 1}))), errs.ErrInvalid, "parameters[0]"},
		"NoContent":               {nil, errs.ErrInvalid, "type"},
	} {
		t.Run(name, func(t *testing.T) {
			err := graph.OutgoingMessage{To: "+16505551234", Content: c.content}.Check()
			if !errors.Is(err, c.kind) {
				t.Fatalf("error %v, want %v", err, c.kind)
			}
			if err != nil && (!strings.Contains(err.Error(), c.member) || !strings.Contains(errs.Message(err), c.member)) {
				t.Fatalf("error %q, message %q; want them to name %q", err, errs.Message(err), c.member)
			}
		})
	}
}

func TestCheckRecipient(t *testing.T) {
	text := graph.OutText{Body: "x"}
	for name, c := range map[string]struct {
		msg graph.OutgoingMessage
		to  string // as sent; "" when it must be refused
	}{
		"PlusIsAdded":              {graph.OutgoingMessage{To: "16505551234"}, "+16505551234"},
		"PlusStays":                {graph.OutgoingMessage{To: "+16505551234"}, "+16505551234"},
		"HumanSpellingIsCleaned":   {graph.OutgoingMessage{To: "+1 (650) 555-1234"}, "+16505551234"},
		"NumberWinsOverUserID":     {graph.OutgoingMessage{To: "16505551234", Recipient: "US.1"}, "+16505551234"},
		"UserIDAsNumberIsRefused":  {graph.OutgoingMessage{To: "US.13491208655302741918"}, ""},
		"LettersAreRefused":        {graph.OutgoingMessage{To: "16505551234x"}, ""},
		"ShortNumberIsRefused":     {graph.OutgoingMessage{To: "12345"}, ""},
		"NobodyIsRefused":          {graph.OutgoingMessage{}, ""},
		"NumberAsUserIDIsRefused":  {graph.OutgoingMessage{Recipient: "16505551234"}, ""},
		"UserIDWithSpaceIsRefused": {graph.OutgoingMessage{Recipient: "US.1 2"}, ""},
		"GroupWithoutIDIsRefused":  {graph.OutgoingMessage{Group: true, Recipient: "US.1"}, ""},
		"CallbackTooLongIsRefused": {graph.OutgoingMessage{To: "16505551234", CallbackData: long(513)}, ""},
		"GroupIDStays":             {graph.OutgoingMessage{Group: true, To: "Y2Fw="}, "Y2Fw="},
	} {
		t.Run(name, func(t *testing.T) {
			c.msg.Content = text
			err := c.msg.Check()
			if (err == nil) != (c.to != "") {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				quiet(t, err)
				return
			}
			raw, err := json.Marshal(c.msg)
			if err != nil {
				t.Fatal(err)
			}
			var body struct{ To, Recipient string }
			if err = json.Unmarshal(raw, &body); err != nil {
				t.Fatal(err)
			}
			is(t, body, struct{ To, Recipient string }{To: c.to})
		})
	}
	t.Run("ParentUserIDIsTaken", func(t *testing.T) {
		if err := (graph.OutgoingMessage{Recipient: "US.ENT.118157", Content: text}).Check(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("InteractiveToAGroupIsRefused", func(t *testing.T) {
		err := graph.OutgoingMessage{To: "g", Group: true, Content: graph.OutButtons{Body: "b", Buttons: buttons(1)}}.Check()
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatal(err)
		}
	})
	t.Run("ReactionAsReplyIsRefused", func(t *testing.T) {
		err := graph.OutgoingMessage{To: "16505551234", ReplyTo: "w", Content: graph.OutReaction{MessageID: "w"}}.Check()
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatal(err)
		}
	})
}
