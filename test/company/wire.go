package company

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
)

// Wire are the lines between Puente and the providers, with a tap on each: what Puente asks of a provider is written
// down before it goes on, so that a test can tell what has left, whatever the provider makes of it.
type Wire struct {
	testing.TB
	values map[string]string // of the config, with the taps' addresses

	mu       sync.Mutex
	requests []Request
	ends     []func()
}

// Request is something that Puente asked of a provider.
type Request struct {
	Network string
	// What is the HTTP method and the end of the path, "POST messages", of Signal's daemon the method, "send".
	What string
	Body string
}

// tap makes a Wire, whose taps end after Puente and before the providers.
func tap(tb testing.TB) *Wire {
	w := &Wire{TB: tb}
	tb.Cleanup(func() {
		for _, end := range w.ends {
			end()
		}
	})
	return w
}

func (w *Wire) ending(end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, end)
}

// Mark is where what comes next begins, for Since.
func (w *Wire) Mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.requests)
}

// Since is what was asked of a network's provider from a mark on.
func (w *Wire) Since(mark int, network string) (list []Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.requests[mark:] {
		if one.Network == network {
			list = append(list, one)
		}
	}
	return list
}

func (w *Wire) note(network, what string, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, Request{Network: network, What: what, Body: string(body)})
}

// between puts taps before the providers that a config names by their addresses.
func (w *Wire) between(values map[string]string) map[string]string {
	if w == nil {
		return values
	} else if w.values != nil {
		return w.values
	}
	w.values = maps.Clone(values)
	for key, value := range values {
		network := strings.Split(key, ".")[1] // networks.<network>.…
		if strings.HasPrefix(value, "http://") {
			w.values[key] = w.tapHTTP(network, value)
		} else if address, ok := strings.CutPrefix(value, "tcp:"); ok {
			w.values[key] = "tcp:" + w.tapLines(network, address)
		}
	}
	return w.values
}

// provisioning returns an address for Puente's provisioning API behind which the callback that a login names is tapped.
func (w *Wire) provisioning(puenteURL string) string {
	if w == nil {
		return puenteURL
	}
	return w.serve(puenteURL, func(r *http.Request, body []byte) []byte {
		var fields map[string]string
		if json.Unmarshal(body, &fields) != nil || fields["callback_url"] == "" {
			return body
		}
		network := strings.Split(r.URL.Path, "/")[1] // /<network>/_matrix/provision/…
		fields["callback_url"] = w.tapHTTP(network, fields["callback_url"])
		body, _ = json.Marshal(fields)
		return body
	})
}

// tapHTTP returns an address whose requests go on to another.
func (w *Wire) tapHTTP(network, to string) string {
	return w.serve(to, func(r *http.Request, body []byte) []byte {
		w.note(network, r.Method+" "+path.Base(r.URL.Path), body)
		return body
	})
}

// serve hands requests on to an address, each with the body that change makes of its own.
func (w *Wire) serve(to string, change func(r *http.Request, body []byte) []byte) string {
	target, err := url.Parse(to)
	if err != nil {
		w.Fatal(err)
	}
	end := target.Path
	target.Path = ""
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) }, // either side has gone
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // whoever asked has gone
		}
		body = change(r, body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
		proxy.ServeHTTP(rw, r)
	}))
	w.ending(server.Close)
	return server.URL + end
}

// tapLines returns an address of JSON-RPC, a request a line, that leads to another.
func (w *Wire) tapLines(network, to string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(network, from, to) })
		}
	})
	w.ending(func() {
		_ = listener.Close()
		running.Wait()
	})
	return listener.Addr().String()
}

// carry carries one connection until either side ends it.
func (w *Wire) carry(network string, from net.Conn, address string) {
	defer func() { _ = from.Close() }()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}()
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var request struct{ Method string }
		_ = json.Unmarshal(line, &request) // what is none of JSON-RPC has no method, and is written down all the same
		w.note(network, request.Method, line)
		if _, err = to.Write(line); err != nil {
			break
		}
	}
	_ = to.Close()
	<-back
}
