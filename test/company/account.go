package company

// Account is what the agent logs in with, for clients that ask for it themselves.
func (a *Agent) Account() (localpart, secret string) { return a.UserID.Localpart(), password }
