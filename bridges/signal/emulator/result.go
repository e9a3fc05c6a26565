package emulator

// The types of results. ref: reference/signal-cli.md §3, results[]
const (
	Success       = "SUCCESS"
	NoNetwork     = "NETWORK_FAILURE"
	NotRegistered = "UNREGISTERED_FAILURE"
	NotTrusted    = "IDENTITY_FAILURE"
	RateLimited   = "RATE_LIMIT_FAILURE"
	BadPreKey     = "INVALID_PRE_KEY_FAILURE"
)

// outcome is how sending to one recipient ended.
type outcome struct {
	kind  string
	token string // of a challenge
	retry int64  // seconds
}

// reached are the recipients of one conversation for whom sending worked, and the others.
type reached struct {
	ok, failed []string // ACIs
}

// copies are the copies of a message for whom it reached.
func (r reached) copies() []Copy {
	var out []Copy
	for _, aci := range r.ok {
		out = append(out, Copy{ACI: aci, State: Sent})
	}
	for _, aci := range r.failed {
		out = append(out, Copy{ACI: aci, State: Failed})
	}
	return out
}

// sendAll sends something to each target and writes the results. apply is called for each conversation in which it
// reached somebody, or for which there is nobody but the account itself.
func (c *call) sendAll(b *business, to []target, at int64, apply func(t *thread, r reached)) (any, error) {
	results := []object{}
	anyOK := false
	for _, one := range to {
		t, whom := c.e.conversation(b, one)
		var r reached
		for _, p := range whom {
			o := outcome{kind: NotRegistered}
			if p != nil {
				var err error
				if o, err = c.outcome(b, p, one.group != nil); err != nil || c.nonsense {
					return nil, err
				}
			}
			results = append(results, resultOut(b, one, p, o))
			switch {
			case p == nil:
			case o.kind == Success:
				anyOK = true
				r.ok = append(r.ok, p.aci)
			default:
				r.failed = append(r.failed, p.aci)
			}
		}
		if t != nil && (len(r.ok) > 0 || len(whom) == 0) {
			apply(t, r)
		}
	}
	response := object{"timestamp": at, "results": results}
	if anyOK || len(results) == 0 {
		return response, nil
	}
	return nil, allFailed(response, results)
}

// conversation finds where a target's messages stand, and who gets them.
func (e *Emulator) conversation(b *business, one target) (*thread, []*party) {
	switch {
	case one.group != nil:
		var whom []*party
		for _, m := range one.group.Members {
			if m.ACI != b.ACI {
				whom = append(whom, e.known(m.ACI))
			}
		}
		return e.st.groupThread(one.group.ID), whom
	case one.party == nil:
		return nil, []*party{nil}
	}
	return e.st.direct(b.ACI, one.party.aci), []*party{one.party}
}

func resultOut(b *business, one target, p *party, o outcome) object {
	out := object{"type": o.kind}
	if p != nil {
		out["recipientAddress"] = b.address(p)
	} else {
		out["recipientAddress"] = partialAddress(one.name)
	}
	if one.group != nil {
		out["groupId"] = one.group.ID
	}
	if o.token != "" {
		out["token"] = o.token
	}
	if o.retry > 0 {
		out["retryAfterSeconds"] = o.retry
	}
	return out
}

// partialAddress is the address of nobody: only what the request named.
func partialAddress(name string) object {
	out := object{"uuid": nil, "number": nil, "username": nil}
	switch {
	case isNumber(name):
		out["number"] = name
	case len(name) > 2 && name[:2] == "u:":
		out["username"] = name[2:]
	}
	return out
}

// allFailed is the error of a request that reached nobody; the results stand in data.response.
// ref: reference/signal-cli.md §4
func allFailed(response object, results []object) error {
	all := func(kind string) bool {
		for _, r := range results {
			if r["type"] != kind {
				return false
			}
		}
		return true
	}
	err := rpcError{Code: codeUser, Message: "Failed to send message", Data: object{"response": response}}
	switch {
	case all(NotTrusted):
		err.Code, err.Message = codeUntrusted, "Failed to send message due to untrusted identities"
	case all(RateLimited):
		err.Code, err.Message = codeLimited, "Failed to send message due to rate limiting"
	}
	return err
}

// outcome tells how sending to somebody ends. An error or a flag of the call ends the whole request.
func (c *call) outcome(b *business, p *party, inGroup bool) (outcome, error) {
	switch {
	case c.result != "":
		return c.forced(), nil
	case p.aci == b.ACI || p.business != nil:
		return outcome{kind: Success}, nil
	case p.person == nil || p.person.Unregistered:
		return outcome{kind: NotRegistered}, nil
	}
	o, err := c.magic(b, p, inGroup)
	if err != nil || c.nonsense || o.kind != Success {
		return o, err
	}
	if !c.e.trusted(b, p) {
		return outcome{kind: NotTrusted}, nil
	}
	rel := b.relation(p.aci)
	rel.Met = true
	return o, nil
}

// forced is the outcome that FailNextWith asked for.
func (c *call) forced() outcome {
	o := outcome{kind: c.result}
	if o.kind == RateLimited {
		o.retry = c.e.retrySeconds(c.e.opt.RetryAfter)
	}
	return o
}
