package channel

import (
	"context"
	"io"
)

// Files opens attachments.
type Files interface {
	// OpenFile returns what is in the file that a Content names, as its sender sent it. Read it to its end: only then
	// does Close tell whether it came unharmed. An address that is none is an errs.ErrInvalid, a file that the team's
	// server does not have, or not any more, an errs.ErrNotFound.
	OpenFile(ctx context.Context, file string) (io.ReadCloser, error)
}
