package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"

	"puente/core/base/clock"
)

// The codes of errors. ref: reference/signal-cli.md §4
const (
	codeParse     = -32700
	codeRequest   = -32600
	codeMethod    = -32601
	codeParams    = -32602 // a missing or unknown account
	codeInternal  = -32603
	codeUser      = -1
	codeIO        = -3
	codeUntrusted = -4
	codeLimited   = -5
	codeCaptcha   = -6
)

// rpcError is a JSON-RPC error; data is null on the wire where there is none.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// Error makes it an error; the message may carry a number or a name, and so it is never logged.
func (r rpcError) Error() string { return r.Message }

func userError(message string) error     { return rpcError{Code: codeUser, Message: message} }
func internalError(message string) error { return rpcError{Code: codeInternal, Message: message} }

// request is one JSON-RPC request or notification.
type request struct {
	Version string          `json:"jsonrpc"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	ID      json.RawMessage `json:"id"`
}

// nonsense is an answer that is no JSON.
const nonsense = "<html><body>502 Bad Gateway</body></html>"

func answered(id json.RawMessage, result any) object {
	return object{"jsonrpc": "2.0", "result": result, "id": idOf(id)}
}

func failed(id json.RawMessage, err rpcError) object {
	return object{"jsonrpc": "2.0", "error": err, "id": idOf(id)}
}

func idOf(id json.RawMessage) any {
	if len(id) == 0 {
		return nil
	}
	return id
}

// encode writes one line of JSON, with <, > and & as they are.
func encode(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("the emulator made something that is no JSON: " + err.Error())
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// handleLine answers one line: a request, a notification or a batch of them.
func (e *Emulator) handleLine(ctx context.Context, c *conn, line []byte) {
	trimmed := bytes.TrimSpace(line)
	switch {
	case len(trimmed) == 0:
		c.send(encode(failed(nil, rpcError{Code: codeParse, Message: "Empty input line"})))
	case !json.Valid(trimmed):
		c.send(encode(failed(nil, rpcError{Code: codeParse, Message: "Unexpected input"})))
	case trimmed[0] == '[':
		e.handleBatch(ctx, c, trimmed)
	case trimmed[0] == '{':
		e.handleOne(ctx, c, trimmed)
	default:
		c.send(encode(failed(nil, rpcError{Code: codeRequest, Message: "unexpected type"})))
	}
}

func (e *Emulator) handleOne(ctx context.Context, c *conn, line []byte) {
	var peek map[string]json.RawMessage
	if json.Unmarshal(line, &peek) == nil && (peek["result"] != nil || peek["error"] != nil) {
		return // a response to nothing that the daemon asked
	}
	call := e.do(ctx, c, line)
	switch {
	case call.cut:
		c.close()
		return
	case call.nonsense:
		c.send([]byte(nonsense))
	case call.answer != nil:
		c.send(encode(call.answer))
	}
	call.finish()
}

// handleBatch answers a batch with one array; the daemon works at all parts at once.
func (e *Emulator) handleBatch(ctx context.Context, c *conn, line []byte) {
	var parts []json.RawMessage
	_ = json.Unmarshal(line, &parts) // it is valid and an array
	if len(parts) == 0 {
		c.send(encode(failed(nil, rpcError{Code: codeRequest, Message: "invalid request"})))
		return
	}
	calls := make([]*call, len(parts))
	var work sync.WaitGroup
	for i, part := range parts {
		work.Go(func() { calls[i] = e.do(ctx, c, part) })
	}
	work.Wait()
	var answers []object
	for _, call := range calls {
		switch {
		case call.cut:
			c.close()
			return
		case call.nonsense:
			c.send([]byte(nonsense))
			return
		}
		if call.answer != nil {
			answers = append(answers, call.answer)
		}
	}
	if len(answers) > 0 {
		c.send(encode(answers))
	}
	for _, call := range calls {
		call.finish()
	}
}

// do parses and carries out one request. The returned call says what to answer.
func (e *Emulator) do(ctx context.Context, c *conn, line []byte) *call {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		var only struct{ ID json.RawMessage }
		_ = json.Unmarshal(line, &only) // an ID that cannot be read stays null
		return &call{answer: failed(only.ID, rpcError{Code: codeRequest, Message: "invalid request"})}
	}
	if problem := req.problem(); problem != "" {
		return &call{answer: failed(req.ID, rpcError{Code: codeRequest, Message: problem})}
	}
	call := &call{e: e, ctx: ctx, conn: c, method: req.Method}
	defer e.underWay(req)()
	result, err := e.dispatch(call, req.Params)
	if wait := e.opt.AnswerLatency.Draw(); wait > 0 {
		if clock.Sleep(ctx, e.clock, wait) != nil {
			call.cut = true
			return call
		}
	}
	if req.ID == nil || call.cut || call.nonsense || call.silent {
		return call
	}
	if err != nil {
		call.answer = failed(req.ID, asRPC(err))
		return call
	}
	call.answer = answered(req.ID, result)
	return call
}

// problem tells what is wrong with a request's form. ref: reference/signal-cli.md §3
func (r request) problem() string {
	switch {
	case r.Version != "2.0":
		return "only jsonrpc version 2.0 is supported"
	case r.Method == "":
		return "method field must be set"
	case len(r.Params) > 0 && !strings.ContainsAny(string(r.Params[:1]), "{[n"):
		return "params must be an object or an array"
	case len(r.ID) > 0 && strings.ContainsAny(string(r.ID[:1]), "{["):
		return "id must be a string or a number"
	}
	return ""
}
