package synapse

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"puente/core/base/errs"
)

// refusedError is an answer other than 200.
type refusedError struct {
	status int
	code   string // Matrix's error code: "M_FORBIDDEN"
	reason string
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("Synapse answered %d %s: %s", e.status, e.code, e.reason)
}

// Unwrap gives the refusal its kind.
func (e *refusedError) Unwrap() error {
	if e.status == http.StatusForbidden {
		return errs.ErrForbidden
	}
	return nil
}

func refusal(status int, body []byte) error {
	var answer struct {
		Code   string `json:"errcode"`
		Reason string `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		answer.Reason = "without a Matrix error"
	}
	return &refusedError{status: status, code: answer.Code, reason: answer.Reason}
}

// matrixCode returns the Matrix error code of a refusal, or "".
func matrixCode(err error) string {
	var refused *refusedError
	if errors.As(err, &refused) {
		return refused.code
	}
	return ""
}
