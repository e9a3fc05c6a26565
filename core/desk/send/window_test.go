package send

import (
	"errors"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
)

const closed = "the customer wrote more than 24 hours ago, and whatsapp takes no free text any more."

func TestTheWindow(t *testing.T) {
	each(t, Anyone, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		w.time.Advance(24*time.Hour - time.Millisecond)
		w.passes(w.text(ref, anna))
		w.time.Advance(time.Millisecond)
		w.refused(w.text(ref, anna), closed+" There is no approved template to send instead.")
		w.passes(w.template(ref, anna, "order"))
		reaction := w.text(ref, anna)
		reaction.Content.Kind = "reaction"
		w.passes(reaction)
		w.fact("WithoutTemplates", func(w *world) {
			out := w.text(ref, anna)
			out.Rules.Templates, out.Rules.FreeTextWindow = false, 7*24*time.Hour
			w.passes(out)
			w.time.Advance(7 * 24 * time.Hour)
			w.refused(out, "the customer wrote more than 168 hours ago, and whatsapp takes no free text any more.")
		})
		w.fact("WhereThereIsNone", func(w *world) {
			out := w.text(ref, anna)
			out.Rules = channel.Rules{}
			w.passes(out)
		})
		w.fact("OpenedByWhatTheyWrite", func(w *world) {
			w.writes(ref, "carla", "still there?")
			w.passes(w.text(ref, anna))
		})
		w.fact("WhoNeverWroteHere", func(w *world) { // the bridge knows
			w.passes(w.text(w.group(), anna))
		})
		w.fact("NoClaimOutsideOfIt", func(w *world) {
			w.must(w.Inbox.Assign(w.ctx, w.in(ref).ID, "", anna))
			w.time.Advance(25 * time.Hour)
			if err := w.MayLeave(w.ctx, w.text(ref, ben)); err == nil || w.in(ref).Assignee != "" {
				w.t.Errorf("it was answered with %v, and is %q's", err, w.in(ref).Assignee)
			}
		})
	})
}

// offers are templates of all kinds; the order is the provider's.
func offers() []channel.Template {
	approved := func(name, category, body string) channel.Template {
		return channel.Template{Name: name, Language: "es", Category: category, Status: "APPROVED", Body: body}
	}
	order := approved("order", "UTILITY", "Hola {{1}},\ntu pedido {{2}} está listo.")
	order.Header = channel.TemplateHeader{Kind: "TEXT", Text: "Para {{1}}"}
	bill := approved("bill", "UTILITY", "{{name}}: {{customer_number}}, {{due}}")
	bill.Buttons = []channel.TemplateButton{{Kind: "URL", Text: "Pagar", URL: "https://shop/{{1}}"}}
	paused := approved("paused", "UTILITY", "x")
	paused.Status = "PAUSED"
	return []channel.Template{
		approved("sale", "MARKETING", "Rebajas, {{first_name}}"), paused, approved("code", "AUTHENTICATION", "{{1}}"), order, bill,
		approved("thanks", "UTILITY", "Gracias"), approved("one_more", "UTILITY", "x"),
	}
}

// TestARefusalOffersTemplates that the customer allows, filled in as far as is known.
func TestARefusalOffersTemplates(t *testing.T) {
	each(t, Anyone, func(w *world) {
		w.rooms.Approved = offers()
		ref := w.meets("whatsapp", "carla", "Carla María Díaz")
		w.must(w.Customers.SetAttribute(w.ctx, w.of(ref), "customer_number", "A|7\n 9", anna))
		w.time.Advance(25 * time.Hour)
		const order = "• `!puente template order es Carla | Carla | …` – Para Carla Hola Carla, tu pedido … está listo."
		const bill = "• `!puente template bill es Carla | A/7 9 | … | …` – Carla: A/7 9, … [Pagar]"
		const thanks = "• `!puente template thanks es` – Gracias"
		w.fact("WithoutAnOptIn", func(w *world) {
			w.refused(w.text(ref, anna), closed+" Send a template instead:\n"+order+"\n"+bill+"\n"+thanks)
		})
		w.fact("WithOne", func(w *world) {
			w.agrees(ref, consent.Marketing, consent.In)
			w.refused(w.text(ref, anna), closed+" Send a template instead:\n• `!puente template sale es Carla` – Rebajas, Carla\n"+order+"\n"+bill)
		})
		w.fact("AfterAStop", func(w *world) {
			other := w.meets("whatsapp", "dora", "Dora")
			w.agrees(other, consent.Everything, consent.Out)
			w.time.Advance(25 * time.Hour)
			w.refused(w.text(other, anna), closed+" There is no approved template to send instead.")
		})
		w.fact("OfSomebodyWithoutAName", func(w *world) {
			other := w.meets("whatsapp", "nobody", "")
			w.time.Advance(25 * time.Hour)
			w.rooms.Approved = offers()[3:4]
			w.refused(w.text(other, anna), closed+" Send a template instead:\n• `!puente template order es … | … | …` – Para … Hola …, tu pedido … está listo.")
		})
		w.fact("ThatStartWithWhatOnlyAReplyGives", func(w *world) {
			earlier := w.rooms.Approved
			defer func() { w.rooms.Approved = earlier }()
			w.rooms.Approved = nil
			for _, kind := range []string{"IMAGE", "LOCATION"} {
				w.rooms.Approved = append(w.rooms.Approved, channel.Template{
					Name: strings.ToLower(kind), Language: "es", Category: "UTILITY", Status: "APPROVED", Body: "Hola {{1}}", Header: channel.TemplateHeader{Kind: kind},
				})
			}
			w.refused(w.text(ref, anna), closed+" Send a template instead:\n• `!puente template image es Carla` as a reply to a picture – Hola Carla\n"+
				"• `!puente template location es Carla` as a reply to a location – Hola Carla")
		})
		w.fact("ThatCannotBeListed", func(w *world) {
			w.rooms.Err = errors.New("timeout")
			w.refused(w.text(ref, anna), closed+" Send a template: `!puente templates` lists them.")
			w.rooms.Err = nil
		})
		w.fact("InAGroup", func(w *world) {
			group := w.group()
			w.writes(group, "carla", "hello")
			w.time.Advance(25 * time.Hour)
			w.rooms.Approved = offers()[:1]
			w.refused(w.text(group, anna), closed+" Send a template instead:\n• `!puente template sale es …` – Rebajas, …")
		})
	})
}

func TestARefusalNamesTheOtherChannels(t *testing.T) {
	each(t, Anyone, func(w *world) {
		ref := w.meets("whatsapp", "carla", "Carla")
		telegram, signal := w.meets("telegram", "carla", "Carla"), w.meets("signal", "carla", "Carla")
		for _, other := range []channel.Ref{telegram, signal} {
			w.must(w.Customers.Merge(w.ctx, w.of(other), w.of(ref), anna))
		}
		w.time.Advance(25 * time.Hour)
		w.writes(telegram, "carla", "here")
		w.refused(w.text(ref, anna), closed+" There is no approved template to send instead.\nThe customer also writes on\ntelegram: https://chat/"+telegram.Room+"\nsignal: https://chat/"+signal.Room)
	})
}

func TestValuesAreOfOneLine(t *testing.T) {

	for text, want := range map[string]string{"a": "a", " a  b\n c": "a b c", "a|b": "a/b", "|": "/"} {
		if got := value(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
	var told interface{ Error() string } = errs.Tell(errs.ErrForbidden, "x")
	if !errors.Is(orLater(told), errs.ErrForbidden) {
		t.Error("a refusal became another error")
	}
}
