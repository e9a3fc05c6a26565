package emulator

import (
	"encoding/base64"
	"strings"
)

// The trust levels of identity keys. ref: reference/signal-cli.md §3, listIdentities
const (
	untrusted  = "UNTRUSTED"
	unverified = "TRUSTED_UNVERIFIED"
	verified   = "TRUSTED_VERIFIED"
)

// trusted tells whether an account trusts somebody's present key. The first one is trusted; another one after that is
// not, by default, until trust. The caller holds mu. ref: reference/signal-cli.md §4, identity change
func (e *Emulator) trusted(b *business, p *party) bool {
	version := 1
	if p.person != nil {
		version = p.person.Version
	}
	rel := b.relation(p.aci)
	switch {
	case rel.Version == version:
	case rel.Version == 0:
		rel.Version, rel.Trust, rel.Since = version, unverified, e.clock.Now().UnixMilli()
	default:
		rel.Version, rel.Trust, rel.Since = version, untrusted, e.clock.Now().UnixMilli()
		if e.opt.TrustNewIdentities == TrustAlways {
			rel.Trust = unverified
		}
	}
	return rel.Trust != untrusted
}

// untrustedLetter is a letter as the daemon hands it over when it cannot read it for want of trust: the envelope has
// a source and no content.
func untrustedLetter(l *letter) *letter {
	shown := object{}
	for _, key := range []string{"source", "sourceNumber", "sourceUuid", "sourceName", "sourceDevice", "timestamp",
		"serverReceivedTimestamp", "serverDeliveredTimestamp"} {
		shown[key] = l.Envelope[key]
	}
	return &letter{From: l.From, Envelope: shown, Exception: object{"message": nil, "type": "UntrustedIdentityException"}}
}

func doListIdentities(c *call, b *business, p params) (any, error) {
	only := p.textOr("number")
	var who *party
	if only != "" {
		var err error
		if who, err = c.e.resolve(only); err != nil {
			return nil, err
		}
	}
	out := []object{}
	for _, person := range c.e.st.People {
		rel := b.Known[person.ACI]
		if rel == nil || rel.Version == 0 || who != nil && who.aci != person.ACI {
			continue
		}
		safety := safetyNumber(b.ACI, person.ACI, 1, rel.Version)
		scannable := append([]byte{0}, keyOf(person.ACI, rel.Version)...)
		out = append(out, object{
			"number": orNull(b.numberOf(person.party())), "uuid": person.ACI, "fingerprint": fingerprint(person.ACI, rel.Version),
			"safetyNumber": safety, "scannableSafetyNumber": base64.StdEncoding.EncodeToString(scannable),
			"trustLevel": rel.Trust, "addedTimestamp": rel.Since,
		})
	}
	return out, nil
}

func doTrust(c *call, b *business, p params) (any, error) {
	name := p.textOr("recipient")
	who, err := c.e.resolve(name)
	if err != nil {
		return nil, err
	}
	rel := b.relation(who.aci)
	all := p.flag("trustAllKnownKeys")
	if all {
		if rel.Version == 0 {
			return nil, userError("Failed to set the trust for this number, make sure the number is correct.")
		}
		c.e.trust(b, rel, unverified)
		return nil, nil
	}
	given := p.text("verifiedSafetyNumber")
	if given == nil {
		return nil, userError("You need to specify the fingerprint/safety number you have verified with -v SAFETY_NUMBER")
	}
	bare := strings.ReplaceAll(*given, " ", "")
	fits := bare == strings.ReplaceAll(safetyNumber(b.ACI, who.aci, 1, rel.Version), " ", "") ||
		strings.EqualFold(bare, strings.ReplaceAll(fingerprint(who.aci, rel.Version), " ", ""))
	switch {
	case len(bare) != 60 && len(bare) != 66:
		return nil, userError("Safety number has invalid format, either specify the old hex fingerprint or the new safety number")
	case rel.Version == 0 || !fits:
		return nil, userError("Failed to set the trust for this number, make sure the number and the fingerprint/safety number are correct.")
	}
	c.e.trust(b, rel, verified)
	return nil, nil
}

// trust sets a level and lets the daemon read what it kept.
func (e *Emulator) trust(b *business, rel *relation, level string) {
	rel.Trust = level
	b.Queue = append(rel.Kept, b.Queue...)
	rel.Kept = nil
}

// SafetyNumber is what a customer and an account of the business compare now.
func (e *Emulator) SafetyNumber(customerACI, accountNumber string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, b := e.st.person(customerACI), e.st.account(accountNumber)
	if p == nil || b == nil {
		return ""
	}
	return safetyNumber(b.ACI, p.ACI, 1, p.Version)
}
