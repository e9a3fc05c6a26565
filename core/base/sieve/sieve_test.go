package sieve

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestSieve(t *testing.T) {
	var out bytes.Buffer
	log := Log(zerolog.New(&out).Level(zerolog.DebugLevel).With().Str("program", "puente").Logger())
	line := func(t *testing.T, write func()) string {
		t.Helper()
		out.Reset()
		write()
		return out.String()
	}

	t.Run("FactsPass", func(t *testing.T) {
		got := line(t, func() {
			log.Warn().Err(errors.New("no answer")).Int("status_code", 502).Int64("large", 1795378606936391912).Str("room_id", "!a:b").Msg("Request failed")
		})
		for _, want := range []string{`"level":"warn"`, `"program":"puente"`, `"error":"no answer"`, `"status_code":502`, `"large":1795378606936391912`, `"room_id":"!a:b"`, `"message":"Request failed"`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %s", got, want)
			}
		}
	})
	t.Run("WhatPeopleWroteStaysOut", func(t *testing.T) {
		for _, name := range secretFields() {
			if got := line(t, func() { log.Debug().Any(name, map[string]any{"body": "secret words"}).Msg("Request completed") }); strings.Contains(got, "secret words") || got == "" {
				t.Errorf("with %s the line is %q", name, got)
			}
		}
	})
	t.Run("QueriesOfAddressesStayOut", func(t *testing.T) {
		got := line(t, func() { log.Info().Str("url", "http://h/upload?filename=secret.pdf").Msg("Request completed") })
		if strings.Contains(got, "secret") || !strings.Contains(got, `"url":"http://h/upload"`) {
			t.Errorf("the line is %q", got)
		}
	})
	t.Run("NamesOfAccountsStayOut", func(t *testing.T) {
		got := line(t, func() {
			log.Debug().Any("bridge_state", map[string]any{"state_event": "CONNECTED", "remote_name": "Shop +34600", "remote_profile": map[string]any{"phone": "+34600"}}).Msg("Sent new bridge state")
		})
		if strings.Contains(got, "34600") || !strings.Contains(got, "CONNECTED") {
			t.Errorf("the line is %q", got)
		}
	})
	t.Run("NumbersHaveNames", func(t *testing.T) {
		const wamid = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
		got := line(t, func() {
			log.Debug().Str("remote_message_id", wamid).AnErr("cause", errors.New("no message "+wamid)).Any("sender", map[string]any{"id": "+34600123456"}).Msg("Got +34600123456")
		})
		if strings.Contains(got, "wamid") || strings.Contains(got, "34600") {
			t.Errorf("the line is %q", got)
		}
		names := regexp.MustCompile("#[0-9a-f]{12}").FindAllString(got, -1)
		if len(names) != 4 || len(slices.Compact(slices.Sorted(slices.Values(names)))) != 2 {
			t.Errorf("the same number has the same name: %q", got)
		}
	})
	t.Run("TheLevelHolds", func(t *testing.T) {
		if got := line(t, func() { log.Trace().Msg("too much detail") }); got != "" {
			t.Errorf("a trace line passed at debug level: %q", got)
		}
	})
}
