package look

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"puente/core/testkit/browser"
	"puente/core/testkit/synapse/synapsetest"
	"puente/test/company"
)

// screen is what an agent has before them: Element in a browser, with a mouse and a keyboard. Nothing is done on it that a
// person could not do; its scripts look and scroll.
type screen struct {
	*company.Company
	tab context.Context
}

// The window of the pictures.
const width, height = 1280, 900

// sitDown opens Element's page in a new browser.
func sitDown(c *company.Company) *screen {
	c.Helper()
	element, err := synapsetest.Element(c.Ctx, func(line string) { c.Log(line) })
	c.Must(err)
	address, closePage, err := element.Serve(c.Ctx, c.Server.URL(), c.Server.ServerName())
	c.Must(err)
	c.Cleanup(closePage)
	tab, closeBrowser, err := browser.Start(c.Ctx)
	c.Must(err)
	c.Cleanup(closeBrowser)
	s := &screen{Company: c, tab: tab}
	s.do("open the page", chromedp.EmulateViewport(width, height), chromedp.Navigate(address+"#/login"))
	return s
}

func (s *screen) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	if err := chromedp.Do(s.tab, actions...); err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

// lens are the words of the conditions: visible are the elements that a selector finds and a person sees, with these words
// in them; place is the middle of the last of them, once nothing covers it and it stays where it is.
const lens = `
const visible = (selector, words = "") => [...document.querySelectorAll(selector)].filter((e) =>
	e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.innerText.replace(/\s+/g, " ").includes(words));
const place = (selector, words) => {
	const found = visible(selector, words).at(-1);
	if (!found) return null;
	found.scrollIntoView({ block: "nearest" });
	const box = found.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
	const last = window.lastPlace, top = document.elementFromPoint(x, y);
	const looks = last?.found === found && last.x === x && last.y === y ? last.looks + 1 : 1;
	window.lastPlace = { found, x, y, looks };
	return looks > 5 && (found.contains(top) || top?.contains(found)) ? { x, y } : null;
};`

// sees waits until a JavaScript condition holds on the page.
func (s *screen) sees(what, condition string) {
	s.Helper()
	waited[bool](s, "see "+what, "!!("+condition+")")
}

// shows waits until what a selector finds is to be seen with these words in it.
func (s *screen) shows(selector, words string) {
	s.Helper()
	s.sees(fmt.Sprintf("%q in %s", words, selector), fmt.Sprintf("visible(%q, %q).length", selector, words))
}

// hides waits until nothing of the kind is to be seen.
func (s *screen) hides(selector, words string) {
	s.Helper()
	s.sees(fmt.Sprintf("%q gone from %s", words, selector), fmt.Sprintf("!visible(%q, %q).length", selector, words))
}

type point struct{ X, Y float64 }

func (s *screen) finds(selector, words string) point {
	s.Helper()
	return waited[point](s, fmt.Sprintf("find %q in %s", words, selector), fmt.Sprintf("place(%q, %q)", selector, words))
}

// clicks clicks on what a selector finds, with these words in it.
func (s *screen) clicks(selector, words string) {
	s.Helper()
	at := s.finds(selector, words)
	s.do("click", chromedp.MouseClickXY(at.X, at.Y))
}

// points moves the mouse there.
func (s *screen) points(selector, words string) {
	s.Helper()
	at := s.finds(selector, words)
	s.do("point", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at.X, at.Y))
}

// types writes into a field and presses Enter.
func (s *screen) types(selector, words string) {
	s.Helper()
	s.clicks(selector, "")
	s.writes(words)
	// chromedp's own Enter writes a line's end even where the page makes something else of the key.
	enter := input.DispatchKeyEventParams{Type: kb.KeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: '\r'}
	_, err := chromedp.Call(s.tab, input.DispatchKeyEvent, enter)
	s.Must(err)
	enter.Type, enter.Text = kb.KeyUp, ""
	_, err = chromedp.Call(s.tab, input.DispatchKeyEvent, enter)
	s.Must(err)
}

// writes writes where the cursor is.
func (s *screen) writes(words string) {
	s.Helper()
	s.do("write", chromedp.KeyEvent(words))
}

// drags moves what a selector finds to the left or the right.
func (s *screen) drags(selector string, by float64) {
	s.Helper()
	at := s.finds(selector, "")
	s.do("drag", chromedp.DragAndDropXY(at.X, at.Y, at.X+by, at.Y))
}

// waited asks the page until it has a value that is not null or false.
func waited[T any](s *screen, what, expression string) T {
	s.Helper()
	found, err := chromedp.Run(s.tab, chromedp.Poll[T]("(() => {"+lens+" return "+expression+"})()", chromedp.WithPollingTimeout(company.Patience)))
	if err != nil {
		text, _ := chromedp.Run(s.tab, chromedp.Evaluate[string]("document.body.innerText"))
		s.Fatalf("the agent does not %s: %v; on the screen is\n%s", what, err, text)
	}
	return found
}

// keep keeps a picture of the window, if pictures are wanted.
func (s *screen) keep(name string) {
	s.Helper()
	if *pictures == "" {
		return
	}
	s.do("take the mouse away", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, width*0.6, height-30))
	s.hides("[role=tooltip]", "")
	picture, err := chromedp.Run(s.tab, chromedp.CaptureScreenshot())
	s.Must(err)
	s.Must(os.WriteFile(filepath.Join(*pictures, "desk-"+name+".png"), picture, 0o600))
}
