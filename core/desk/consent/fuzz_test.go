package consent

import (
	"strings"
	"testing"
)

// FuzzMatch: what stands around a word, and how loud it is written, changes nothing; most texts are none.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"STOP", "¡BAJA!", "/start", "ｽﾄｯﾌﾟ", "listeden çık", "बंद करें", "إيقـــاف", "stop \u0301", "\u0301stop", "\xff", "İ", "a\u200d", "1️⃣ stop"} {
		f.Add(seed)
	}
	lex := builtIn(f)
	f.Fuzz(func(t *testing.T, text string) {
		folded := Fold(text)
		if again := Fold(folded); again != folded {
			t.Fatalf("%q is folded to %q, that to %q", text, folded, again)
		}
		meaning, language, found := lex.match(text, "")
		if found != (meaning != "") || found != (language != "") {
			t.Fatalf("%q: %q in %q, %v", text, meaning, language, found)
		}
		for _, around := range [][2]string{{" ", "\n"}, {"¡", "!"}, {"“", ".”"}, {"🙏🏽 ", " 🇩🇪❤️"}, {"*", "*"}, {"…\u200b", "\ufe0f?"}} {
			if strings.HasPrefix(strings.TrimSpace(text), "/") {
				break // a command is none any more with something before it
			}
			if other, _, _ := lex.match(around[0]+text+around[1], ""); other != meaning {
				t.Fatalf("%q means %q, between %q %q", text, meaning, around, other)
			}
		}
	})
}
