package store

import "context"

// LoseLock has the lease's session give the lock free, as happens to one that a pooler gives to others.
func (l *Lease) LoseLock(ctx context.Context) error {
	_, err := l.session.conn.Exec(ctx, "SELECT pg_advisory_unlock_all()")
	return err
}
