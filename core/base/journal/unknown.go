package journal

import (
	"context"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"
)

const knownHead = `SELECT key FROM pu_journal WHERE source=$1 AND key IN `

// Unknown returns those keys that no entry of the source has, in their order. Entries older than their retention are
// gone: their keys are unknown again.
func (j *Journal) Unknown(ctx context.Context, source string, keys []string) ([]string, error) {
	known := map[string]bool{}
	for chunk := range slices.Chunk(keys, mostRows) {
		args := []any{source}
		for _, key := range chunk {
			args = append(args, storableName(key))
		}
		rows, err := j.db.Query(ctx, knownHead+idList(len(chunk)), args...)
		found, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
		if err != nil {
			return nil, fmt.Errorf("look for entries by their keys: %w", err)
		}
		for _, key := range found {
			known[key] = true
		}
	}
	var unknown []string
	for _, key := range keys {
		if !known[storableName(key)] {
			unknown = append(unknown, key)
		}
	}
	return unknown, nil
}
