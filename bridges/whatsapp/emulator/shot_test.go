package emulator_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"puente/bridges/whatsapp/emulator"
)

func TestShot(t *testing.T) {
	w := newWorld(t, nil)
	w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana Ñandú", Username: "ana"})
	for i, n := range []string{"Bruno Keller", "Carmen Ruiz", "Deepa Rao"} {
		w.customer(emulator.Customer{WaID: "491510000042" + string(rune('0'+i)), Name: n})
	}
	c := w.chat(ana, plain)
	first := w.must(c.SendText("Good morning! Do you still have the *blue agave* from the window? 🌵"))
	to := "+16505551234"
	id := w.send(to, "text", object{"body": "Good morning Ana, yes, _two_ are left. Shall I put one aside?"}, object{"context": object{"message_id": first}})
	w.must(c.React(id, "🙏"))
	w.must(c.SendImage(emulator.File{Data: picture(420, 260, 30), Mime: "image/png", Caption: "It would stand here, on my balcony"}))
	head := w.uploaded("image/png", picture(420, 180, 80))
	w.send(to, "template", object{"name": "appointment_reminder", "language": object{"code": "en_US"}, "components": []object{
		{"type": "header", "parameters": []object{{"type": "image", "image": object{"id": head}}}},
		{"type": "body", "parameters": []object{{"type": "text", "text": "Ana"}, {"type": "text", "text": "24 November"}, {"type": "text", "text": "10:30"}}}}})
	voice, _ := os.ReadFile("web/voice.ogg")
	v := w.must(c.SendVoice(emulator.File{Data: voice, Mime: "audio/ogg; codecs=opus"}))
	_, _ = w.call(http.MethodPost, plain+"/messages", object{"messaging_product": "whatsapp", "type": "reaction", "to": to, "reaction": object{"message_id": v, "emoji": "👍"}})
	w.must(c.SendLocation(emulator.Location{Latitude: 40.4168, Longitude: -3.7038, Name: "Puerta del Sol", Address: "Madrid"}))
	w.send(to, "interactive", object{"type": "list", "body": object{"text": "When shall we bring it?"}, "footer": object{"text": "Free within the city"}, "action": object{"button": "Choose a time", "sections": []object{{"title": "Tomorrow", "rows": []object{{"id": "am", "title": "Morning", "description": "9:00 to 12:00"}, {"id": "pm", "title": "Afternoon"}}}}}})
	last := w.must(c.Reply(first, "Tomorrow afternoon, please"))
	w.call(http.MethodPost, plain+"/messages", object{"messaging_product": "whatsapp", "status": "read", "message_id": last, "typing_indicator": object{"type": "text"}})
	p := &person{w: w, tab: openBrowser(t)}
	p.run("open", chromedp.EmulateViewport(1180, 1000), chromedp.Navigate(w.base+"/"), chromedp.WaitVisible(".typing"))
	p.run("top", chromedp.Evaluate[chromedp.Void](`document.querySelector(".messages").scrollTop = 0`))
	a, err := chromedp.Run(p.tab, chromedp.CaptureScreenshot())
	w.ok(err)
	w.ok(os.WriteFile("/tmp/phone-top.png", a, 0o600))
	p.run("end", chromedp.Evaluate[chromedp.Void](`document.querySelector(".messages").scrollTop = 99999`))
	a, err = chromedp.Run(p.tab, chromedp.CaptureScreenshot())
	w.ok(err)
	w.ok(os.WriteFile("/tmp/phone.png", a, 0o600))
	p.run("menu", chromedp.Evaluate[chromedp.Void](`document.querySelector(".attach").open = true; [...document.querySelectorAll(".theirs .actions")].at(-1).open=true`))
	a, err = chromedp.Run(p.tab, chromedp.CaptureScreenshot())
	w.ok(err)
	w.ok(os.WriteFile("/tmp/phone-menu.png", a, 0o600))
}
