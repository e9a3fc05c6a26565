// Package browser starts a headless Chromium in which tests use Puente's pages as a person would.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/chromedp/chromedp"
)

// startLimit is how long Chromium may take to open its control port, on a busy machine with a cold disk.
const startLimit = time.Minute

// Find returns the path of Chromium. The error is one line that says how to install it.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no chromium: apt-get install chromium")
}

// Start starts a Chromium with an empty profile and returns a context for chromedp.Run and Do whose tab is open already.
// stop ends the browser and waits until its processes are gone; when ctx ends they are killed.
func Start(ctx context.Context) (tab context.Context, stop func(), err error) {
	path, err := Find()
	if err != nil {
		return nil, nil, err
	}
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, options(path)...)
	tab, endTab := chromedp.NewContext(allocator)
	stop = func() {
		_ = chromedp.Cancel(tab) // asks it to close; whatever it answers, the kill follows
		endTab()
		endAllocator()
		chromedp.FromContext(allocator).Allocator.Wait()
	}
	if err = chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		stop()
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return tab, stop, nil
}

// options are chromedp's own and those that keep Chromium from calling home, which fails where there is no network
// and would make tests depend on it.
func options(path string) []chromedp.ExecAllocatorOption {
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.WSURLReadTimeout(startLimit), chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "en-GB"))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses to run as root with its sandbox
	}
	return opts
}
