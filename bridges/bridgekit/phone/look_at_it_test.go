package phone_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/clock"
	"puente/core/testkit/browser"
)

func paint(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(120 + 100*y/h), uint8(170 + 40*y/h), 220, 255}
			if y > h*2/3 {
				c = color.RGBA{70, uint8(120 + (x*7+y*3)%30), 70, 255}
			}
			dx, dy := x-w*3/4, y-h/4
			if dx*dx+dy*dy < h*h/60 {
				c = color.RGBA{250, 220, 110, 255}
			}
			if x > w/3 && x < w/3+w/12 && y > h/3 && y < h*3/4 {
				c = color.RGBA{40, 130, 70, 255}
			}
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}

type looker struct {
	*memory
	look phone.Look
}

func (l looker) Look() phone.Look { return l.look }

func lively() []phone.Network {
	wa := newMemory("whatsapp", "WhatsApp", "Ana Ñandú", "Bruno Keller", "Chiara Rossi")
	tg := newMemory("telegram", "Telegram", "Diego Sol", "Ewa Nowak")
	sg := newMemory("signal", "Signal", "Farid Haddad")
	wh := newMemory("webhook", "Shop chat")
	film, _ := os.ReadFile("testdata/film.webm")
	voice, _ := os.ReadFile("testdata/voice.ogg")
	anim, _ := os.ReadFile("/tmp/anim.webp")
	wa.clock = time.Date(2026, 3, 8, 17, 40, 0, 0, time.UTC)
	wa.says("c1", phone.Message{Mine: true, Text: "Hola! Do you still have the big cactus? 🌵", State: "read"})
	wa.clock = time.Date(2026, 3, 9, 9, 58, 0, 0, time.UTC)
	q := wa.says("c1", phone.Message{HTML: "Good morning Ana! <strong>Yes</strong>, two are left. It comes in a <em>terracotta pot</em>.", Text: "Good morning Ana! Yes, two are left."})
	wa.says("c1", phone.Message{Text: "This one?", HTML: "This one?", File: &phone.File{ID: "p", Kind: "image", Mime: "image/png", Width: 600, Height: 420}}, paint(600, 420)...)
	wa.says("c1", phone.Message{Mine: true, Text: "That one! How much with delivery?", Quote: q, State: "read", Reactions: []string{"👍"}})
	wa.says("c1", phone.Message{Header: "Your offer", Text: "Cactus, 45 cm, €39 with delivery to Madrid on Thursday.", Footer: "Lucky Shrub", Buttons: []phone.Button{{ID: "y", Text: "Order it", Pressed: true}, {ID: "n", Text: "Another day"}, {Text: "See it in the shop", URL: "https://example.com/x"}}})
	wa.says("c1", phone.Message{Mine: true, Text: "Order it", State: "read"})
	wa.says("c1", phone.Message{Mine: true, File: &phone.File{ID: "v", Kind: "voice", Mime: "audio/ogg", Duration: 2 * time.Second}, State: "delivered"}, voice...)
	wa.alter("c1", func(c *memoryChat) { c.Unread = 0; c.Note = "Window open, 23 h 41 min left"; c.Typing = true })
	wa.says("c2", phone.Message{Text: "Your parcel is on its way."})
	tg.says("c1", phone.Message{Line: "You opened the chat by t.me/luckyshrub?start=spring"})
	tg.says("c1", phone.Message{Mine: true, Text: "/start spring", HTML: "<code>/start</code> spring", State: "sent"})
	tg.says("c1", phone.Message{Text: "Welcome!", HTML: "Welcome, <b>Diego</b>! What do you want to know? <a href=\"https://example.com\">Our catalogue</a>", Forwarded: true})
	tg.says("c1", phone.Message{Poll: &phone.Poll{Question: "Which day suits you?", Options: []phone.Option{{Text: "Thursday", Votes: 3, Mine: true}, {Text: "Friday", Votes: 1}, {Text: "Saturday"}}}})
	tg.says("c1", phone.Message{Mine: true, Place: &phone.Place{Latitude: 40.4168, Longitude: -3.7038, Name: "Puerta del Sol", Address: "Madrid"}, State: "read"})
	tg.says("c1", phone.Message{File: &phone.File{ID: "doc", Kind: "file", Mime: "application/pdf", Name: "catalogue-spring.pdf"}}, make([]byte, 480_000)...)
	tg.says("c1", phone.Message{Mine: true, File: &phone.File{ID: "s", Kind: "sticker", Mime: "image/webp"}, State: "read"}, anim...)
	tg.alter("c1", func(c *memoryChat) {
		c.Unread = 2
		c.Settings = append(c.Settings, phone.Setting{ID: "b", Name: "Block the bot"})
	})
	tg.mu.Lock()
	tg.chats["c1"] = append(tg.chats["c1"], &memoryChat{Chat: phone.Chat{ID: "g", Name: "Cactus lovers", Group: true, Note: "12 members", Unread: 1}})
	tg.mu.Unlock()
	sg.says("c1", phone.Message{Text: "old", Deleted: true})
	sg.says("c1", phone.Message{From: "Greta Holm", Text: "Shall we go on Friday?"})
	sg.says("c1", phone.Message{From: "Greta Holm", File: &phone.File{ID: "f", Kind: "video", Mime: "video/webm", Width: 320, Height: 200}, Text: "The greenhouse", HTML: "The greenhouse"}, film...)
	sg.says("c1", phone.Message{Mine: true, Text: "Yes!", Edited: true, State: "delivered", Reactions: []string{"❤️", "❤️", "😂"}})
	sg.says("c1", phone.Message{Cards: []phone.Card{{Name: "Lucky Shrub, delivery", Lines: []string{"+1 555 078 3883"}}}})
	sg.says("c1", phone.Message{Text: "When?", HTML: "When shall we call?", List: "Choose a time", Buttons: []phone.Button{{ID: "1", Text: "Morning", Description: "9 to 12", Section: "Thursday"}, {ID: "2", Text: "Afternoon", Description: "14 to 18"}}})
	sg.says("c1", phone.Message{Mine: true, HTML: "Thanks", Text: "Thanks", State: "failed"})
	return []phone.Network{
		looker{wa, phone.Look{Colour: "#008069", Address: "+1 650 555 0100"}}, looker{tg, phone.Look{Colour: "#2aabee"}}, looker{sg, phone.Look{Colour: "#3a76f0"}}, looker{wh, phone.Look{Colour: "#b45309"}},
	}
}

func TestLook(t *testing.T) {
	nets := lively()
	page := phone.Page{Title: "Lucky Shrub's customers", Zone: time.UTC, Clock: clock.NewManual(time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC))}
	server := httptest.NewServer(page.Handler(nets...))
	two := httptest.NewServer(page.Handler(nets[:2]...))
	tab, stop, err := browser.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer server.CloseClientConnections()
	defer two.CloseClientConnections()
	defer stop()
	shot := func(name, url string, w, h int64, script string) {
		if err := chromedp.Do(tab, chromedp.EmulateViewport(w, h), chromedp.Navigate(url), chromedp.Sleep(900*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if script != "" {
			if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](script), chromedp.Sleep(600*time.Millisecond)); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		_ = os.WriteFile("/tmp/phone-"+name+".png", raw, 0o600)
	}
	shot("wide", server.URL, 1500, 900, "")
	shot("two", two.URL, 1100, 860, "")
	shot("narrow", server.URL+"/?show=telegram", 390, 844, "")
	shot("menus", server.URL, 1500, 900, `document.querySelectorAll('.attach')[0].open=true;document.querySelectorAll('.customers')[1].open=true;document.querySelectorAll('.adding')[1].open=true;document.querySelectorAll('.list')[0].open=true;document.querySelectorAll('.more')[0].open=true;document.querySelectorAll('#phone-whatsapp .actions')[1].open=true;0`)
}
