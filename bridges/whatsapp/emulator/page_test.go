package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	stdpng "image/png"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"puente/core/testkit/browser"
)

// person plays a customer in a real browser.
type person struct {
	w   *world
	tab context.Context
}

func (p *person) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.w.t.Helper()
	if err := chromedp.Do(p.tab, actions...); err != nil {
		p.w.t.Fatalf("%s: %v", what, err)
	}
}

// sees waits until a JavaScript condition holds on the page.
func (p *person) sees(what, condition string) {
	p.w.t.Helper()
	for {
		err := chromedp.Do(p.tab, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(20*time.Second)))
		switch {
		case err == nil:
			return
		case p.tab.Err() != nil || errors.Is(err, chromedp.ErrPollingTimeout):
			p.w.t.Fatalf("see %s: %v", what, err)
		} // else the page was loaded anew while it was looked at
	}
}

// The selectors of the text field and its button.
const (
	textarea   = ".text textarea"
	textButton = ".text button"
)

// deed is the selector of a form in the sheet beside the text field.
func deed(kind, within string) string {
	return fmt.Sprintf(".attach form[data-form=%s] %s", kind, within)
}

// sends opens the sheet beside the text field and in it one kind of message.
func (p *person) sends(kind string, fill ...chromedp.Action[chromedp.Void]) {
	p.w.t.Helper()
	open := fmt.Sprintf(`document.querySelector(".attach").open = true; document.querySelector(%q).closest(".attach, .deed").open = true`, deed(kind, "button"))
	p.run("open the sheet", chromedp.Evaluate[chromedp.Void](open))
	p.run("send", append(fill, chromedp.Click(deed(kind, "button"), chromedp.NodeVisible))...)
}

// bubble is the CSS selector of a message.
func bubble(wamid string) string { return fmt.Sprintf(`[data-id="%s"]`, wamid) }

// clicks presses what may be renewed at any moment, and so may be gone between being found and being clicked.
func (p *person) clicks(selector string) {
	p.w.t.Helper()
	p.sees(selector, fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, selector))
	p.run("click", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click(); 0`, selector)))
}

// chooses opens the actions of a message and clicks one of them.
func (p *person) chooses(wamid, action string) {
	p.w.t.Helper()
	at := bubble(wamid)
	p.run("open the actions", chromedp.WaitReady(at),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).querySelector("details.actions").open = true`, at)))
	p.clicks(at + " " + action)
}

// received waits for the one message that a deed of the person caused.
func (p *person) received() object {
	p.w.t.Helper()
	select {
	case <-p.w.news:
	case <-p.tab.Done():
		p.w.t.Fatal("nothing reached the business")
	}
	message, _ := p.w.message()
	for len(p.w.news) > 0 {
		<-p.w.news
	}
	return message
}

func (p *person) quiet() {
	p.w.settle()
	for len(p.w.news) > 0 {
		<-p.w.news
	}
}

func TestPhonePageInABrowser(t *testing.T) {
	w := newWorld(t, nil).withAna()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tab, stop, err := browser.Start(ctx)
	w.ok(err)
	defer stop()
	p := &person{w: w, tab: tab}
	photo := filepath.Join(t.TempDir(), "photo.png")
	w.ok(os.WriteFile(photo, picture(64, 48, 30), 0o600))
	p.quiet()
	p.run("open the page", chromedp.Navigate(w.base+"/"), chromedp.WaitVisible(textarea))

	var sent string
	t.Run("Text", func(t *testing.T) {
		p.run("write", chromedp.SendKeys(textarea, "I want <b>two</b> cacti 🌵"), chromedp.Click(textButton))
		m := p.received()
		w.want(at(m, "text", "body"), "I want <b>two</b> cacti 🌵")
		sent = m["id"].(string)
		p.sees("the text, escaped", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("<b>two</b> cacti 🌵")`, bubble(sent)))
	})
	t.Run("BusinessReadTicks", func(t *testing.T) {
		p.sees("grey ticks", fmt.Sprintf(`document.querySelector(%q + " .ticks").classList.contains("delivered")`, bubble(sent)))
		w.call(http.MethodPost, plain+"/messages", object{"messaging_product": "whatsapp", "status": "read", "message_id": sent, "typing_indicator": object{"type": "text"}})
		p.sees("blue ticks without a reload", fmt.Sprintf(`document.querySelector(%q + " .ticks").classList.contains("read")`, bubble(sent)))
		p.sees("the business typing", `document.querySelector(".typing [role=status]") !== null && document.querySelector(".bar small").innerText === "typing…"`)
	})
	t.Run("Image", func(t *testing.T) {
		p.sends("file", chromedp.SetUploadFiles(deed("file", "[type=file]"), []string{photo}),
			chromedp.SendKeys(deed("file", "[name=text]"), "my balcony"))
		m := p.received()
		w.want(at(m, "image", "mime_type"), "image/png")
		w.want(at(m, "image", "caption"), "my balcony")
		p.sees("the loaded picture", fmt.Sprintf(`document.querySelector(%q)?.naturalWidth === 64`, bubble(m["id"].(string))+" img"))
	})
	t.Run("VoiceSample", func(t *testing.T) {
		p.sends("voice")
		m := p.received()
		w.want(at(m, "audio", "voice"), true)
		p.sees("a playable voice message", fmt.Sprintf(`document.querySelector(%q)?.duration > 1`, bubble(m["id"].(string))+" audio"))
	})
	t.Run("StickerSample", func(t *testing.T) {
		p.sends("sticker")
		m := p.received()
		w.want(at(m, "sticker", "mime_type"), "image/webp")
		p.sees("the loaded sticker", fmt.Sprintf(`document.querySelector(%q)?.naturalWidth === 512`, bubble(m["id"].(string))+" img"))
	})
	t.Run("OwnContact", func(t *testing.T) {
		p.sends("contact")
		w.want(at(p.received(), "contacts", 0, "phones", 0, "wa_id"), "16505551234")
	})
	t.Run("PollCannotBeSeen", func(t *testing.T) {
		p.sends("odd")
		w.want(at(p.received(), "unsupported", "type"), "poll")
	})
	t.Run("Location", func(t *testing.T) {
		p.sends("location")
		m := p.received()
		w.want(at(m, "location", "latitude"), 40.4168)
		w.want(at(m, "location", "name"), "Puerta del Sol")
		p.sees("the place", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("Puerta del Sol")`, bubble(m["id"].(string))))
	})
	t.Run("TemplateButton", func(t *testing.T) {
		id := w.send("+16505551234", "template", templateOf("order_update", "Ana", "A-1042"))
		p.quiet()
		p.sees("the template", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("your order A-1042")`, bubble(id)))
		p.clicks(bubble(id) + " .buttons button")
		m := p.received()
		w.want(at(m, "button", "payload"), "Where is it?")
		w.want(at(m, "context", "id"), id)
	})
	t.Run("ListRow", func(t *testing.T) {
		id := w.send("+16505551234", "interactive", object{"type": "list", "body": object{"text": "When?"}, "action": object{"button": "Times", "sections": []object{{"rows": []object{{"id": "am", "title": "Morning"}}}}}})
		p.quiet()
		p.clicks(bubble(id) + " .list summary")
		p.clicks(bubble(id) + " .list button")
		w.want(at(p.received(), "interactive", "list_reply", "id"), "am")
	})
	t.Run("ReactAndTakeItOff", func(t *testing.T) {
		id := w.send("+16505551234", "text", object{"body": "Thank *you*"})
		p.quiet()
		p.chooses(id, `button[value="❤️"]`)
		w.want(at(p.received(), "reaction", "emoji"), "❤️")
		p.sees("the reaction", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("❤️")`, bubble(id)+" .reactions"))
		p.sees("bold text", fmt.Sprintf(`document.querySelector(%q)?.innerText === "you"`, bubble(id)+" strong"))
		p.chooses(id, `[data-form=unreact] button`)
		w.want(at(p.received(), "reaction", "emoji"), "")
	})
	t.Run("Reply", func(t *testing.T) {
		p.chooses(sent, `a[data-reply]`)
		p.run("answer", chromedp.WaitVisible(".quoting"), chromedp.SendKeys(textarea, "or three"), chromedp.Click(textButton))
		m := p.received()
		w.want(at(m, "context", "id"), sent)
		p.sees("the quote", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("cacti")`, bubble(m["id"].(string))+" blockquote"))
	})
	t.Run("EditIsUnsupportedOnAnOrdinaryNumber", func(t *testing.T) {
		p.chooses(sent, `a[data-edit]`)
		p.run("edit", chromedp.WaitVisible(".quoting"), chromedp.Poll[chromedp.Void](`document.querySelector(".text textarea").value !== ""`), chromedp.SetValue(textarea, "I want four"), chromedp.Click(textButton))
		w.want(at(p.received(), "unsupported", "type"), "edit")
		p.sees("the new text", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("I want four")`, bubble(sent)))
	})
	t.Run("MarkRead", func(t *testing.T) {
		id := w.send("+16505551234", "text", object{"body": "Anything else?"})
		p.quiet()
		p.sees("how many are new", `document.querySelector("[data-form=read] button") !== null`)
		p.clicks("[data-form=read] button")
		p.sees("it done", `document.querySelector("[data-form=read]") === null`)
		read := map[string]bool{}
		for _, s := range w.statuses() {
			w.want(s["status"], "read")
			read[s["id"].(string)] = true
		}
		w.want(read[id], true)
	})
	t.Run("DeleteOnANumberInCoexistence", func(t *testing.T) {
		id := w.must(w.chat(ana, coex).SendText("oops"))
		p.quiet()
		p.run("go to the other number", chromedp.Navigate(w.base+"/?whatsapp.customer="+ana+"&whatsapp.chat="+coex))
		p.chooses(id, `[data-form=delete] button`)
		w.want(at(p.received(), "revoke", "original_message_id"), id)
		p.sees("it gone", fmt.Sprintf(`document.querySelector(%q)?.innerText.includes("deleted")`, bubble(id)))
	})
	t.Run("AddCustomer", func(t *testing.T) {
		p.run("add", chromedp.Evaluate[chromedp.Void](`for (const d of document.querySelectorAll(".customers, .adding")) d.open = true`),
			chromedp.SendKeys("[data-form=add] [name=name]", "Bruno"), chromedp.SendKeys("[data-form=add] [name=address]", "+49 151 0000 0429"))
		p.clicks("[data-form=add] button")
		p.sees("Bruno chosen", `document.querySelector(".customers > summary")?.innerText.includes("Bruno")`)
		w.want(w.e.Customers()[1].WaID, "4915100000429")
	})
}

// picture paints a PNG in which something can be seen.
func picture(width, height int, hue uint8) []byte {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: hue + uint8(100*x/width), G: 120 + uint8(90*y/height), B: 90, A: 255} // #nosec G115 -- small numbers
			dx, dy := x-width/2, y-height*3/5
			if dx*dx+dy*dy < height*height/12 {
				c = color.RGBA{R: 240, G: 200, B: 80, A: 255}
			}
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := stdpng.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}
