package demo

import "context"

func (w *world) play(ctx context.Context) error { return nil }
