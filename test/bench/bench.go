package main

import (
	"context"
	"errors"
	"fmt"

	"puente/core/base/store"
	"puente/core/testkit/synapse"
)

// bench is one run.
type bench struct {
	plan
	dir        string
	program    []string // Puente, without its config
	synapseDir string
	synapse    synapse.Installation
	progress   *progress
	postgres   string // the server's version
	rows       []Row
}

// scenario is something to be measured at a site. Its name is what -only chooses by.
type scenario struct {
	name string
	run  func(*site, context.Context) error
}

// scenarios are in the order in which a site can have them: conversations are only ever added, and what fills or
// breaks the site comes last.
func (b *bench) scenarios() []scenario {
	list := []scenario{{"latency", (*site).latency}, {"contact", (*site).contact}}
	for _, chats := range b.sizes {
		list = append(list, scenario{fmt.Sprintf("throughput %d", chats), func(s *site, ctx context.Context) error {
			return s.throughput(ctx, chats)
		}})
	}
	return append(list, scenario{"crowd", (*site).crowd}, scenario{"intake", (*site).intake})
}

// run measures all that was chosen, on one database after the other. What fails is told, and the rest goes on.
func (b *bench) run(ctx context.Context) (err error) {
	if b.synapse.Python == "" {
		b.synapse, err = synapse.Install(ctx, b.synapseDir, func(line string) { b.progress.say("%s", line) })
		if err != nil {
			return err
		}
	}
	var failed error
	for _, kind := range b.kinds {
		failed = errors.Join(failed, b.runAt(ctx, kind))
		if b.wants("core") && ctx.Err() == nil {
			failed = errors.Join(failed, b.core(ctx, kind))
		}
	}
	return failed
}

func (b *bench) wants(name string) bool { return b.chosen == nil || b.chosen.MatchString(name) }

// runAt measures at a site with a real Synapse.
func (b *bench) runAt(ctx context.Context, kind string) (failed error) {
	var chosen []scenario
	for _, one := range b.scenarios() {
		if b.wants(one.name) {
			chosen = append(chosen, one)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	b.progress.say("%s: starting Synapse and Puente", kind)
	s, err := b.newSite(ctx, kind)
	if err == nil {
		err = s.withSynapse(ctx)
	}
	if s != nil {
		defer func() { failed = errors.Join(failed, s.close()) }()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if kind == store.Postgres {
		b.postgres = s.databases.version(ctx)
	}
	for _, one := range chosen {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.progress.say("%s: %s", kind, one.name)
		if err = one.run(s, ctx); err != nil {
			err = fmt.Errorf("%s, %s: %w", kind, one.name, err)
			b.progress.say("FAILED: %v", err)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func (b *bench) add(row Row) { b.rows = append(b.rows, row) }

func (b *bench) report(ctx context.Context, size string) *Report {
	machine := describeMachine(context.WithoutCancel(ctx))
	machine.Synapse, machine.PostgreSQL = b.synapse.Version, b.postgres
	return &Report{Machine: machine, Size: size, Rows: b.rows}
}
