package delivery

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
)

// Progress watches how far an HTTP request got, to tell a certain failure from an unclear one. The zero value is
// ready; it is for one request.
type Progress struct{ connected, written atomic.Bool }

// Watch returns a context for the request to be made with.
func (p *Progress) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { p.connected.Store(true) },
		WroteHeaders: func() { p.written.Store(true) },
	})
}

// MayHaveArrived tells whether the request that failed with err may have reached the other side. It errs on the side of
// yes: when the time ran out while a connection was at hand, the transport may still have been writing.
func (p *Progress) MayHaveArrived(ctx context.Context, err error) bool {
	if p.written.Load() {
		return true
	}
	var timing interface{ Timeout() bool }
	timedOut := errors.As(err, &timing) && timing.Timeout()
	return p.connected.Load() && (timedOut || ctx.Err() != nil)
}
