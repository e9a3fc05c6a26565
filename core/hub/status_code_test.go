package hub

import "testing"

// TestCommandsAreShownAsCode, and words of customers and templates among them as they are.
func TestCommandsAreShownAsCode(t *testing.T) {
	for text, want := range map[string]string{
		"no command":           "",
		"a lone ` sign":        "",
		"two `\n` of them":     "",
		"write `!puente help`": "write <code>!puente help</code>",
		"• `!puente template x A | …` – *Ana* <b> & [x](y)\n• `y`": "• <code>!puente template x A | …</code> – *Ana* &lt;b&gt; &amp; [x](y)<br>• <code>y</code>",
		"`<script>`": "<code>&lt;script&gt;</code>",
	} {
		if got := withCode(text); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
