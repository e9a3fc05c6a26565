package phone

import (
	"errors"
	"fmt"
	"net/http"

	"puente/core/base/errs"
)

// trouble is what went wrong with a deed on one network's phone, and what the person had written.
type trouble struct {
	network string
	words   string
	draft   string
	adding  *Customer // who could not be added
}

// words tells a person what went wrong.
func words(err error) string {
	if told := errs.Message(err); told != "" {
		return told
	}
	return fmt.Sprintf("That did not work: %v.", err)
}

// statusOf is the HTTP status that fits an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, errs.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, errs.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, errs.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusUnprocessableEntity
}

// sizeText is a number of bytes for people.
func sizeText(size int64) string {
	const kib, mib = 1 << 10, 1 << 20
	switch {
	case size < mib:
		return fmt.Sprintf("%d kB", (size+kib-1)/kib)
	case size%mib == 0:
		return fmt.Sprintf("%d MB", size/mib)
	}
	return fmt.Sprintf("%.1f MB", float64(size)/mib)
}
