package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// contract is openapi.yaml, whose schemas are plain JSON Schema 2020-12. It judges requests and answers as they pass.
type contract struct {
	root     map[string]any
	compiler *jsonschema.Compiler

	mu     sync.Mutex
	judged map[string]int // per place in the file
	broken []string
}

const contractURL = "https://puente.invalid/openapi"

func loadContract() (*contract, error) {
	raw, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	var tree any
	if err = yaml.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := &contract{root: root.(map[string]any), compiler: jsonschema.NewCompiler(), judged: map[string]int{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	return c, c.compiler.AddResource(contractURL, c.root)
}

// at walks down the file, through references.
func (c *contract) at(keys ...string) (node map[string]any, pointer string) {
	node, pointer = c.root, "#"
	for _, key := range keys {
		node, _ = node[key].(map[string]any)
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
		if ref, ok := node["$ref"].(string); ok {
			var path []string
			for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				path = append(path, strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
			}
			node, pointer = c.at(path...)
		}
	}
	return node, pointer
}

// judge compares a JSON body with the schema at a place of the file. It is safe for concurrent use.
func (c *contract) judge(body []byte, place ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := strings.Join(place, " ")
	if err := c.compare(body, place); err != nil {
		c.broken = append(c.broken, name+": "+err.Error())
		return
	}
	c.judged[name]++
}

func (c *contract) compare(body []byte, place []string) error {
	content, _ := c.at(append(place, "content")...)
	for mime := range content {
		if !strings.HasSuffix(mime, "json") {
			return nil
		}
		node, pointer := c.at(append(place, "content", mime)...)
		if node["schema"] == nil {
			return fmt.Errorf("no schema")
		}
		schema, err := c.compiler.Compile(contractURL + escape(pointer+"/schema"))
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
	return fmt.Errorf("it is not in the file")
}

func escape(pointer string) string { return (&url.URL{Fragment: pointer[1:]}).String() }

// answer judges an answer of a status.
func (c *contract) answer(status int, body []byte, place ...string) {
	responses, _ := c.at(append(place, "responses")...)
	key := fmt.Sprint(status)
	if responses[key] == nil {
		key = fmt.Sprintf("%dXX", status/100)
	}
	if len(body) == 0 && status/100 == 2 {
		return
	}
	c.judge(body, append(slices.Clone(place), "responses", key)...)
}

// wire stands between the emulator and Puente, and judges all that passes in either direction.
type wire struct {
	*httptest.Server
	contract *contract
	puente   *httputil.ReverseProxy
	system   http.Handler // the emulator
}

func newWire(c *contract, puenteURL string) (*wire, error) {
	target, err := url.Parse(puenteURL)
	if err != nil {
		return nil, err
	}
	w := &wire{contract: c, puente: httputil.NewSingleHostReverseProxy(target)}
	w.puente.Transport = &http.Transport{DisableKeepAlives: true}
	w.puente.ModifyResponse = func(resp *http.Response) error {
		if !strings.HasSuffix(resp.Header.Get("Content-Type"), "json") {
			return nil
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil {
			return err
		}
		w.contract.answer(resp.StatusCode, body, "paths", template(resp.Request.URL.Path), strings.ToLower(resp.Request.Method))
		return nil
	}
	w.Server = httptest.NewServer(w)
	return w, nil
}

var ids = regexp.MustCompile(`/systems/[^/]+|/media/[^/]+`)

// template is the path as the file has it.
func template(path string) string {
	return ids.ReplaceAllStringFunc(strings.TrimPrefix(path, "/webhook/v1"), func(part string) string {
		if strings.HasPrefix(part, "/systems/") {
			return "/systems/{system}"
		}
		return "/media/{media}"
	})
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case strings.HasPrefix(r.URL.Path, "/webhook/"):
		if strings.HasSuffix(r.URL.Path, "/events") && r.Header.Get("Authorization") != "" {
			w.contract.judge(body, "paths", template(r.URL.Path), "post", "requestBody")
		}
		w.puente.ServeHTTP(rw, r)
	case r.URL.Path == "/callback":
		w.contract.judge(body, "webhooks", "event", "post", "requestBody")
		heard := &ear{ResponseWriter: rw, status: http.StatusOK}
		w.system.ServeHTTP(heard, r)
		if !heard.cut {
			w.contract.answer(heard.status, heard.body.Bytes(), "webhooks", "event", "post")
		}
	default:
		w.system.ServeHTTP(rw, r)
	}
}

// ear hears what is answered.
type ear struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	cut    bool
}

func (e *ear) WriteHeader(status int) {
	e.status = status
	e.ResponseWriter.WriteHeader(status)
}

func (e *ear) Write(p []byte) (int, error) {
	e.body.Write(p)
	return e.ResponseWriter.Write(p)
}

// Unwrap serves http.ResponseController, by which the emulator cuts connections.
func (e *ear) Unwrap() http.ResponseWriter {
	e.cut = true
	return e.ResponseWriter
}

// verdict fails the test if anything that passed was not as the file says, or too little passed.
func (c *contract) verdict(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.broken[:min(len(c.broken), 5)] {
		t.Errorf("not as openapi.yaml says: %s", one)
	}
	for _, place := range []string{
		"paths /systems/{system}/events post requestBody", "paths /systems/{system}/events post responses 202",
		"paths /systems/{system}/events post responses 401", "paths /systems/{system}/uploads post responses 201",
		"webhooks event post requestBody", "webhooks event post responses 2XX", "webhooks event post responses 4XX",
	} {
		if c.judged[place] == 0 {
			t.Errorf("nothing of %s was judged: %v", place, c.judged)
		}
	}
}

func TestExamplesAreAsTheirSchemasSay(t *testing.T) {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range [][]string{{"paths", "/systems/{system}/events", "post", "requestBody"}, {"webhooks", "event", "post", "requestBody"}} {
		list, _ := c.at(append(place, "content", "application/json", "examples")...)
		for _, example := range list {
			body, err := json.Marshal(example.(map[string]any)["value"])
			if err != nil {
				t.Fatal(err)
			}
			c.judge(body, place...)
		}
		if c.judged[strings.Join(place, " ")] == 0 {
			t.Errorf("%v has no examples", place)
		}
	}
	for _, one := range c.broken {
		t.Error(one)
	}
}

// TestTheContractNotices is the positive control: what is wrong is seen.
func TestTheContractNotices(t *testing.T) {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	bad := []string{
		`{"id":"e","type":"message.created","conversation":{"id":"c"},"from":{"id":"u"},"message":{"id":"m"}}`,
		`{"id":"e","type":"typing","conversation":{"id":"c"},"from":{"id":"u"}}`, `{"type":"x"}`, `[]`, `{"id":"e","type":"message.status","message_id":"m","status":"lost"}`,
	}
	for _, body := range bad {
		c.judge([]byte(body), "paths", "/systems/{system}/events", "post", "requestBody")
	}
	c.judge([]byte(`{"id":"e","type":"typing","sent_at":"2026-03-01T12:00:00Z","conversation":{"id":"c"},"typing":true,"from":{"id":"agent"}}`), "webhooks", "event", "post", "requestBody")
	c.judge([]byte(`{}`), "paths", "/nowhere", "get", "responses", "200")
	if len(c.broken) != len(bad)+2 {
		t.Errorf("of %d mistakes it saw %q", len(bad)+2, c.broken)
	}
}
