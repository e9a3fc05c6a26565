package phone_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/clock"
	"puente/core/testkit/browser"
)

// person plays customers in a real browser.
type person struct {
	t    *testing.T
	tab  context.Context
	base string
}

// sitDown opens the page in a window of a width and a height.
func sitDown(t *testing.T, width, height int64, networks ...phone.Network) *person {
	t.Helper()
	page := phone.Page{Clock: clock.NewManual(time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)), Zone: time.UTC, MaxUpload: 1 << 20}
	server := httptest.NewServer(page.Handler(networks...))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	tab, stop, err := browser.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	p := &person{t: t, tab: tab, base: server.URL}
	p.run("open the page", chromedp.EmulateViewport(width, height), chromedp.Navigate(server.URL+"/"))
	return p
}

func (p *person) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.tab, actions...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// sees waits until a JavaScript condition holds on the page.
func (p *person) sees(what, condition string) {
	p.t.Helper()
	for {
		err := chromedp.Do(p.tab, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(10*time.Second)))
		switch {
		case err == nil:
			return
		case p.tab.Err() != nil || errors.Is(err, chromedp.ErrPollingTimeout):
			p.t.Fatalf("see %s: %v", what, err)
		} // else the page was loaded anew while it was looked at
	}
}

// script runs JavaScript on the page.
func (p *person) script(code string) {
	p.t.Helper()
	p.run("run a script", chromedp.Evaluate[chromedp.Void](code+"; 0"))
}

// writes writes into the text field and sends it.
func (p *person) writes(network, words string) {
	p.t.Helper()
	p.run("write", chromedp.SendKeys(text(network), words), chromedp.Click("#phone-"+network+" .text button"))
}

// clicks presses what may be renewed at any moment, and so may be gone between being found and being clicked.
func (p *person) clicks(selector string) {
	p.t.Helper()
	p.sees(selector, fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, selector))
	p.run("click", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click(); 0`, selector)))
}

// chooses opens the actions of a message and clicks one of them.
func (p *person) chooses(network, id, action string) {
	p.t.Helper()
	at := message(network, id)
	p.sees("the message", fmt.Sprintf(`document.querySelector(%q) !== null`, at))
	p.script(fmt.Sprintf(`document.querySelector(%q).querySelector("details.actions").open = true`, at))
	p.clicks(at + " " + action)
}

// The selectors of a message, a bubble's text and the text field.
func message(network, id string) string {
	return fmt.Sprintf(`#phone-%s [data-id="%s"]`, network, id)
}

func text(network string) string { return "#phone-" + network + " .text textarea" }

// says is a condition: a message has a text in it.
func says(network, id, text string) string {
	return fmt.Sprintf(`document.querySelector(%q)?.innerText.includes(%q)`, message(network, id), text)
}

func TestCustomersUseTheirPhones(t *testing.T) {
	for name, size := range map[string][2]int64{"WideWindow": {1280, 900}, "NarrowWindow": {390, 844}} {
		t.Run(name, func(t *testing.T) {
			one, two := newMemory("one", "One", "Ana", "Bruno"), newMemory("two", "Two", "Ada")
			offer := two.says("c1", phone.Message{Text: "Deal?", Buttons: []phone.Button{{ID: "y", Text: "Yes"}}})
			poll := two.says("c1", phone.Message{Poll: &phone.Poll{Question: "When?", Options: []phone.Option{{Text: "Mon"}, {Text: "Tue"}}}})
			p := sitDown(t, size[0], size[1], one, two)
			p.script(`window.neverReloaded = true`)
			narrow := name == "NarrowWindow"
			p.sees("one phone or both", fmt.Sprintf(`(document.querySelector("#phone-two").offsetWidth > 0) === %t`, !narrow))
			if narrow {
				p.clicks(`[data-tab=two]`)
			}
			writes(t, p, two)
			answers(t, p, two)
			presses(t, p, two, offer, poll)
			keepsWhatIsTyped(t, p, two, narrow)
			p.sees("that nothing was loaded anew", `window.neverReloaded === true`)
		})
	}
}

func writes(t *testing.T, p *person, n *memory) {
	t.Run("Write", func(t *testing.T) {
		p.t = t
		p.run("write", chromedp.SendKeys(text("two"), "I want <b>two</b> 🌵"))
		p.script(fmt.Sprintf(`document.querySelector(%q).dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}))`, text("two")))
		p.sees("the message", says("two", "m3", "I want <b>two</b> 🌵"))
		p.sees("an empty field", fmt.Sprintf(`document.querySelector(%q).value === ""`, text("two")))
	})
	t.Run("AnswerWithoutReload", func(t *testing.T) {
		p.t = t
		id := n.says("c1", phone.Message{Text: "With pleasure", HTML: "With <b>pleasure</b>"})
		p.sees("the answer", says("two", id, "With pleasure"))
		p.sees("it at the end of the screen", fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().bottom <= document.querySelector("#phone-two .composer").getBoundingClientRect().top`, message("two", id)))
		n.alter("c1", func(c *memoryChat) { c.Typing = true })
		p.sees("that the business types", `document.querySelector("#phone-two .typing") !== null && document.querySelector("#phone-two .bar small").innerText === "typing…"`)
		n.alter("c1", func(c *memoryChat) { c.Typing, c.messages[2].State = false, "read" })
		p.sees("that it read", fmt.Sprintf(`document.querySelector(%q) !== null && document.querySelector("#phone-two .typing") === null`, message("two", "m3")+" .ticks.read"))
	})
	t.Run("UploadAFile", func(t *testing.T) {
		p.t = t
		photo := filepath.Join(t.TempDir(), "photo.png")
		if err := os.WriteFile(photo, picture(), 0o600); err != nil {
			t.Fatal(err)
		}
		form := "#phone-two form[data-form=file]"
		p.script(`document.querySelector("#phone-two .attach").open = true; document.querySelector("` + form + `").closest(".deed").open = true`)
		p.run("send", chromedp.SetUploadFiles(form+" [type=file]", []string{photo}), chromedp.SendKeys(form+" [name=text]", "my balcony"), chromedp.Click(form+" button", chromedp.NodeVisible))
		p.sees("the loaded picture", `[...document.querySelectorAll("#phone-two .picture img")].some((i) => i.naturalWidth === 32)`)
		p.sees("the menu closed", `!document.querySelector("#phone-two .attach").open`)
	})
	t.Run("FileOverTheLimit", func(t *testing.T) {
		p.t = t
		big := filepath.Join(t.TempDir(), "big.bin")
		if err := os.WriteFile(big, make([]byte, 1<<20+1), 0o600); err != nil {
			t.Fatal(err)
		}
		form := "#phone-two form[data-form=file]"
		p.script(`document.querySelector("#phone-two .attach").open = true; document.querySelector("` + form + `").closest(".deed").open = true`)
		p.run("send", chromedp.SetUploadFiles(form+" [type=file]", []string{big}), chromedp.Click(form+" button", chromedp.NodeVisible))
		p.sees("why not", `document.querySelector("#phone-two .problem")?.innerText.includes("up to 1 MB") && !document.querySelector("#phone-one .problem")`)
	})
}

func answers(t *testing.T, p *person, n *memory) {
	t.Run("Reply", func(t *testing.T) {
		p.t = t
		p.chooses("two", "m3", "[data-reply]")
		p.run("answer", chromedp.WaitVisible("#phone-two .quoting"))
		p.writes("two", "or three")
		p.sees("the quote", `[...document.querySelectorAll("#phone-two .quoted")].some((q) => q.innerText.includes("I want <b>two</b>"))`)
		p.sees("no other answer begun", `document.querySelector("#phone-two .quoting") === null`)
	})
	t.Run("Edit", func(t *testing.T) {
		p.t = t
		p.chooses("two", "m3", "[data-edit]")
		p.sees("the old text", fmt.Sprintf(`document.querySelector(%q).value === "I want <b>two</b> 🌵"`, text("two")))
		p.run("edit", chromedp.SetValue(text("two"), "I want four"), chromedp.Click("#phone-two .text button"))
		p.sees("the new text", says("two", "m3", "I want four"))
		p.sees("the mark", says("two", "m3", "edited"))
	})
	t.Run("ReactAndDelete", func(t *testing.T) {
		p.t = t
		p.chooses("two", "m3", `button[value="❤️"]`)
		p.sees("the reaction", says("two", "m3", "❤️"))
		p.chooses("two", "m3", "[data-form=delete] button")
		p.sees("it gone", says("two", "m3", "deleted"))
	})
	t.Run("NetworkRefuses", func(t *testing.T) {
		p.t = t
		p.writes("two", "forbidden words")
		p.sees("why not, and the words kept", fmt.Sprintf(`document.querySelector("#phone-two .problem")?.innerText.includes("<blocked>") && document.querySelector(%q).value === "forbidden words"`, text("two")))
		p.script(fmt.Sprintf(`document.querySelector(%q).value = ""`, text("two")))
		if got := n.lastGesture(); got.Text != "forbidden words" && got.Kind != phone.Typing {
			t.Errorf("got %+v", got)
		}
	})
}

func presses(t *testing.T, p *person, n *memory, offer, poll string) {
	t.Run("Press", func(t *testing.T) {
		p.t = t
		p.clicks(message("two", offer) + " .buttons button")
		p.sees("it pressed", fmt.Sprintf(`document.querySelector(%q) !== null`, message("two", offer)+" .buttons .chosen"))
	})
	t.Run("Vote", func(t *testing.T) {
		p.t = t
		p.clicks(message("two", poll) + " .option[value='1']")
		p.sees("the vote", says("two", poll, "1 vote"))
		p.clicks(message("two", poll) + " .back")
		p.sees("no vote", says("two", poll, "0 votes"))
	})
	t.Run("Settings", func(t *testing.T) {
		p.t = t
		p.script(`document.querySelector("#phone-two .more").open = true`)
		p.clicks("#phone-two [data-setting=receipts]")
		p.sees("it off", `document.querySelector("#phone-two [data-setting=receipts]").ariaChecked === "false"`)
		p.script(`document.querySelector("#phone-two .more").open = false`)
	})
	t.Run("MarkRead", func(t *testing.T) {
		p.t = t
		n.says("c1", phone.Message{Text: "Anything else?"})
		p.clicks("#phone-two .bar .unread")
		p.sees("nothing new", `document.querySelector("#phone-two .bar .unread") === null`)
	})
}

func keepsWhatIsTyped(t *testing.T, p *person, n *memory, narrow bool) {
	t.Run("NothingTypedIsLost", func(t *testing.T) {
		p.t = t
		p.run("begin to write", chromedp.SendKeys(text("two"), "I think"))
		p.script(`document.querySelector("#phone-two .customers").open = true; document.querySelector("#phone-two .adding").open = true; document.querySelector("#phone-two .adding [name=name]").value = "Eva"`)
		id := n.says("c1", phone.Message{Text: "Take your time"})
		p.sees("the answer", says("two", id, "Take your time"))
		p.sees("all as it was", fmt.Sprintf(`document.querySelector(%q).value === "I think" && document.querySelector("#phone-two .adding").open && document.querySelector("#phone-two .adding [name=name]").value === "Eva"`, text("two")))
	})
	t.Run("AddACustomerAndComeBack", func(t *testing.T) {
		p.t = t
		p.clicks("#phone-two .adding button")
		p.sees("Eva's phone", fmt.Sprintf(`document.querySelector("#phone-two .customers > summary").innerText.includes("Eva") && document.querySelector(%q).value === ""`, text("two")))
		p.script(`document.querySelector("#phone-two .customers").open = true`)
		p.clicks("#phone-two .customer")
		p.sees("Ada's phone and what she was writing", fmt.Sprintf(`document.querySelector("#phone-two .customers > summary").innerText.includes("Ada") && document.querySelector(%q).value === "I think"`, text("two")))
		p.sees("the address to reload", `new URLSearchParams(location.search).get("two.customer") === "c1" && !location.search.includes("only")`)
	})
	t.Run("OtherPhoneIsItsOwn", func(t *testing.T) {
		p.t = t
		if narrow {
			p.clicks(`[data-tab=one]`)
			p.sees("it alone", `document.querySelector("#phone-one").offsetWidth > 0 && document.querySelector("#phone-two").offsetWidth === 0`)
		}
		p.writes("one", "hello from one")
		p.sees("it there only", `document.querySelector("#phone-one .messages").innerText.includes("hello from one") && !document.querySelector("#phone-two .messages").innerText.includes("hello from one")`)
		p.sees("the other text still", fmt.Sprintf(`document.querySelector(%q).value === "I think"`, text("two")))
	})
}

// picture is a PNG of 32 by 32 pixels.
func picture() []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 32, 32))); err != nil {
		panic(err) // into memory
	}
	return out.Bytes()
}
