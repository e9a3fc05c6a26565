package webhook

import (
	"context"
	"fmt"

	"puente/core/hub/network"
)

// Check implements network.Checker: whether uploads can be kept, and whether each system's callback takes a ping.
func (c *Connector) Check(ctx context.Context) []network.Finding {
	findings := []network.Finding{c.checkUploads()}
	systems := 0
	for _, login := range c.bridge.GetAllCachedUserLogins() {
		client, err := c.client(ctx, string(login.ID))
		if err != nil {
			continue // logged out meanwhile
		}
		systems++
		findings = append(findings, client.check(ctx))
	}
	if systems == 0 {
		findings = append(findings, network.Finding{About: "webhook: no system is connected", Mend: "write `login webhook` to @puente"})
	}
	if c.env.PublicURL == "" {
		findings = append(findings, network.Finding{About: "webhook: public_url is not set",
			Mend: "set public_url to the address at which systems reach Puente, so that they get whole addresses of files"})
	}
	return findings
}

func (c *Connector) checkUploads() network.Finding {
	found := network.Finding{About: "webhook: folder for uploads " + c.config.UploadDir}
	if err := c.uploads.writable(); err != nil {
		found.Mend = fmt.Sprintf("let Puente write there, or set networks.webhook.upload_dir to another folder (%v)", err)
	}
	found.OK = found.Mend == ""
	return found
}

func (cl *Client) check(ctx context.Context) network.Finding {
	found := network.Finding{About: "webhook: callback of " + string(cl.system)}
	if err := cl.ping(ctx); err != nil {
		found.Mend = pingWords(err)
	}
	found.OK = found.Mend == ""
	return found
}
