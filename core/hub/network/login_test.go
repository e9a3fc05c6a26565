package network_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/matrix"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestUnknownFlowIsAnAnswerForProgramsToo(t *testing.T) {
	err := network.UnknownFlow("magic")
	if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(err.Error(), `"magic"`) {
		t.Errorf("error: %v", err)
	}
	answer := httptest.NewRecorder()
	matrix.RespondWithError(answer, err, "Internal error")
	if answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), "M_NOT_FOUND") {
		t.Errorf("the provisioning API answers %d %s", answer.Code, answer.Body)
	}
}
