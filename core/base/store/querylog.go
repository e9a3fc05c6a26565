package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
)

const (
	slowQuery    = time.Second
	loggedLength = 300 // bytes of a slow query's text
)

// queryLog is dbutil's log without the queries' arguments: those hold messages and tokens, which
// must not reach a log. dbutil's own logger writes them at the trace level.
type queryLog struct{ log zerolog.Logger }

var _ dbutil.DatabaseLogger = queryLog{}

// QueryTiming reports queries that took a second or more.
func (q queryLog) QueryTiming(_ context.Context, method, query string, _ []any, _ int, took time.Duration, err error) {
	if took < slowQuery {
		return
	}
	query = strings.Join(strings.Fields(query), " ")
	if len(query) > loggedLength {
		query = query[:loggedLength]
	}
	q.log.Warn().Err(err).Str("method", method).Str("query", query).Dur("took", took).Msg("Query took long")
}

// WarnUnsupportedVersion is called only if a database newer than the program is let through.
func (q queryLog) WarnUnsupportedVersion(current, compat, latest int) {
	q.log.Warn().Int("version", current).Int("readable_from", compat).Int("known", latest).
		Msg("Database schema is newer than this program")
}

// PrepareUpgrade is called before every look at the version.
func (q queryLog) PrepareUpgrade(current, _, latest int) {
	q.log.Debug().Int("version", current).Int("known", latest).Msg("Checked database schema")
}

// DoUpgrade reports one upgrade that is about to run.
func (q queryLog) DoUpgrade(from, to int, message string, _ dbutil.TxnMode) {
	q.log.Info().Int("from", from).Int("to", to).Str("description", message).Msg("Upgrading database schema")
}

// Warn takes dbutil's remaining free-form warnings.
func (q queryLog) Warn(msg string, args ...any) {
	q.log.Warn().Str("warning", fmt.Sprintf(msg, args...)).Msg("Database library warns")
}
