package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

// demoLimit bounds one run of the demo on a slow machine.
const demoLimit = 10 * time.Minute

// TestDemo runs the program as a person does.
func TestDemo(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "puente")
	built, err := exec.Command("go", "build", "-tags", "goolm", "-o", binary, "puente/cmd/puente").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, built)
	}
	t.Run("ScriptPlaysEveryType", func(t *testing.T) { demoScript(t, binary) })
	t.Run("TheConversationOutlivesARestart", func(t *testing.T) { demoRestart(t, binary) })
}

// demo is `puente demo` on the tests' own Synapse.
func demo(t *testing.T, binary string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), demoLimit)
	t.Cleanup(cancel)
	install, err := synapsetest.Install(ctx, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatalf("install Synapse: %v", err)
	}
	cmd := exec.CommandContext(ctx, binary, append([]string{"demo"}, args...)...)
	cmd.Env = append(os.Environ(), synapse.VenvVariable+"="+filepath.Dir(filepath.Dir(install.Python)))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// scriptSteps are what `puente demo --script` must play, by direction: every type of message that WhatsApp has.
var scriptSteps = map[string][]string{
	"→": {
		"text", "formatted text", "image with a caption", "video", "audio", "voice message", "document", "sticker", "animated sticker",
		"location", "contacts", "reaction", "reaction removed", "reply", "edit", "delete", "template's button", "reply button",
		"list choice", "flow answer", "order", "ad referral", "forwarded", "call", "unsupported: a poll", "group message",
		"echo from the business app", "number change, the room stays",
	},
	"←": {
		"text", "formatted text", "image with a caption", "video", "audio", "voice message", "file", "sticker", "location", "reply",
		"reaction", "reaction removed", "typing", "read", "template with variables", "template with a picture and buttons", "buttons", "list",
		"status: sent", "status: delivered", "status: read", "edit refused, with the reason", "delete refused, with the reason",
		"text outside the window refused", "template outside the window", "provider's failure told",
	},
}

var scriptRow = regexp.MustCompile(`(?m)^ ?\d+  (.{36})  ([→←])  .{22}  +(\d+ ms|–)  (ok|FAILED)$`)

func demoScript(t *testing.T, binary string) {
	dir := t.TempDir()
	printed, err := demo(t, binary, "--script", "--dir", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("puente demo --script: %v\n%s", err, printed)
	}
	played := map[string][]string{}
	for _, row := range scriptRow.FindAllStringSubmatch(string(printed), -1) {
		name, direction, result := strings.TrimSpace(row[1]), row[2], row[4]
		if result != "ok" {
			t.Errorf("%s %s: %s", direction, name, result)
		}
		played[direction] = append(played[direction], name)
	}
	for direction, names := range scriptSteps {
		for _, name := range names {
			if !slices.Contains(played[direction], name) {
				t.Errorf("the script has no step %s %s", direction, name)
			}
		}
	}
	crossTable(t, string(printed))
	if summary := fmt.Sprintf("%d of %[1]d steps ok, 0 failed", len(played["→"])+len(played["←"])); !strings.Contains(string(printed), summary) {
		t.Errorf("the summary does not say %q", summary)
	}
	if _, err = os.Stat(filepath.Join(dir, "demo.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the script used the demo's own folder: %v", err)
	}
	if t.Failed() {
		t.Logf("%s", printed)
	}
}

var crossRow = regexp.MustCompile(`(?m)^(\S+) +([→←]) (.{24}) +(?:\d+ ms|–)  (ok|no|FAILED)$`)

// crossTypes are what every network must be tried with, both ways; what it cannot do must say why.
var crossTypes = []string{
	"text", "formatted text", "picture with a caption", "video", "audio", "voice message", "file", "sticker", "location", "contact", "poll",
	"buttons, answer", "reply", "reaction", "reaction removed", "edit", "typing", "delivered", "read", "deletion",
}

// crossTable looks at the rows of the cross table: every network, every type, both directions.
func crossTable(t *testing.T, printed string) {
	t.Helper()
	played, worked := map[string]int{}, map[string]int{}
	for _, row := range crossRow.FindAllStringSubmatch(printed, -1) {
		if row[4] == "FAILED" {
			t.Errorf("%s %s %s: FAILED", row[1], row[2], strings.TrimSpace(row[3]))
		} else if row[4] == "ok" {
			worked[row[1]]++
		}
		if !slices.Contains(crossTypes, strings.TrimSpace(row[3])) {
			t.Errorf("unknown type %q", row[3])
		}
		played[row[1]]++
	}
	for _, name := range []string{"WhatsApp", "Telegram", "Signal", "Webhook"} {
		if played[name] != 2*len(crossTypes) || worked[name] < len(crossTypes) {
			t.Errorf("on %s %d steps were played, of which %d worked; want %d", name, played[name], worked[name], 2*len(crossTypes))
		}
	}
}

// runningDemo is a demo that a person looks at.
type runningDemo struct {
	cmd                   *exec.Cmd
	homeserver, phonePage string
	output                strings.Builder // to be read after ended
	ready, ended          chan struct{}   // it said that it is ready; it said its last word
}

// startDemo starts it and waits until it says what to open.
func startDemo(t *testing.T, binary, dir string) *runningDemo {
	t.Helper()
	d := &runningDemo{cmd: demo(t, binary, "--dir", dir), ready: make(chan struct{}), ended: make(chan struct{})}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.cmd.Stdout, d.cmd.Stderr = writer, writer
	err = d.cmd.Start()
	_ = writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(d.ended)
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			d.hears(lines.Text())
		}
		_ = reader.Close()
	}()
	t.Cleanup(func() {
		if d.cmd.ProcessState == nil {
			_ = d.cmd.Process.Signal(syscall.SIGTERM)
			<-d.ended
			_ = d.cmd.Wait()
		}
	})
	select {
	case <-d.ready:
	case <-d.ended:
		t.Fatalf("the demo ended before it was ready:\n%s", d.output.String())
	}
	return d
}

func (d *runningDemo) hears(line string) {
	d.output.WriteString(line + "\n")
	name, value, _ := strings.Cut(strings.TrimSpace(line), "  ")
	switch {
	case name == "homeserver":
		d.homeserver = strings.TrimSpace(value)
	case name == "phone page":
		d.phonePage = strings.TrimSpace(value)
	case strings.HasPrefix(line, "Ctrl-C ends it"):
		close(d.ready)
	}
}

// interrupt is Ctrl-C.
func (d *runningDemo) interrupt(t *testing.T, dir string) {
	t.Helper()
	if len(synapsesIn(t, dir)) != 1 {
		t.Errorf("want one Synapse while the demo runs, got %v", synapsesIn(t, dir))
	}
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-d.ended
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("the demo ended with %v:\n%s", err, d.output.String())
	}
	if left := synapsesIn(t, dir); len(left) != 0 {
		t.Errorf("a Synapse is left: %v", left)
	}
}

// synapsesIn lists the processes that work on the demo's homeserver.
func synapsesIn(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(path string) bool {
		words, err := os.ReadFile(path)
		return err != nil || !strings.Contains(string(words), filepath.Join(dir, "synapse", "homeserver.yaml"))
	})
}

func demoRestart(t *testing.T, binary string) {
	dir := t.TempDir()
	first := startDemo(t, binary, dir)
	page := openPhonePage(t, first.phonePage)
	if !strings.Contains(page, "Ana") {
		t.Error("the phone page does not show Ana")
	}
	room := firstConversation(t, first.homeserver)
	first.interrupt(t, dir)

	second := startDemo(t, binary, dir)
	if second.homeserver != first.homeserver || second.phonePage != first.phonePage {
		t.Errorf("the addresses changed from %s, %s to %s, %s", first.homeserver, first.phonePage, second.homeserver, second.phonePage)
	}
	if again := firstConversation(t, second.homeserver); again != room {
		t.Errorf("the conversation was in %s and is in %s", room, again)
	}
	second.interrupt(t, dir)
}

func openPhonePage(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the phone page answers %s, %v", resp.Status, err)
	}
	return string(body)
}

// firstConversation logs alice in and returns the one room of hers in which Ana says hello.
func firstConversation(t *testing.T, homeserver string) id.RoomID {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	alice, err := mautrix.NewClient(homeserver, "", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = alice.Login(ctx, &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: "alice"},
		Password: "puente-demo", StoreCredentials: true,
	})
	if err != nil {
		t.Fatalf("log alice in: %v", err)
	}
	joined, err := alice.JoinedRooms(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var found []id.RoomID
	for _, room := range joined.JoinedRooms {
		if says(ctx, t, alice, room, "Is the blue lamp") {
			found = append(found, room)
		}
	}
	if len(found) != 1 {
		t.Fatalf("Ana says hello in %d of alice's %d rooms, want 1", len(found), len(joined.JoinedRooms))
	}
	return found[0]
}

// says tells whether a text stands once among the last messages of a room.
func says(ctx context.Context, t *testing.T, who *mautrix.Client, room id.RoomID, text string) bool {
	t.Helper()
	last, err := who.Messages(ctx, room, "", "", mautrix.DirectionBackward, nil, 50)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, evt := range last.Chunk {
		if body, _ := evt.Content.Raw["body"].(string); evt.Type == event.EventMessage && strings.Contains(body, text) {
			count++
		}
	}
	return count == 1
}
