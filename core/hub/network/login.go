package network

import (
	"fmt"

	"maunium.net/go/mautrix/bridgev2"

	"puente/core/base/errs"
)

// UnknownFlow is the answer to a login flow that a bridge does not have: an errs.ErrNotFound, and for programs M_NOT_FOUND.
func UnknownFlow(flowID string) error {
	return fmt.Errorf("login flow %q: %w: %w", flowID, errs.ErrNotFound, bridgev2.ErrInvalidLoginFlowID)
}
