package arch_test

// mautrix is what the business floor and the web must not know.
const mautrix = "maunium.net/go/mautrix"

// deskOrder lists the packages of the desk from left to right; each may import those before it.
var deskOrder = []string{"channel", "hours", "audit", "customer", "consent", "inbox", "send", "route", "rule", "campaign", "metric"}

// bridgeSees is what a bridge may import of Puente, besides itself.
var bridgeSees = []string{
	"bridges/bridgekit", "core/hub/network", "core/desk/channel", "core/base/errs", "core/base/clock",
}

// rule says what the files under a folder may import. Of several rules the one with the longest folder counts. A
// folder may always import itself and what is under it.
type rule struct {
	folder  string
	may     []string // Puente's packages, each with what is under it
	inTests []string // further ones for _test.go files
	never   []string // modules and packages that are forbidden, whatever may says
}

// rules are the floors: imports go down only. A folder that no rule covers is an offence.
var rules = append(deskRules(),
	rule{folder: "core/base", inTests: []string{"core/testkit"}},
	rule{folder: "core/hub", may: []string{"core/base", "core/desk/channel"}, inTests: []string{"core/testkit"}},
	rule{folder: "core/hub/network", may: []string{"core/base", "core/desk/channel"}},
	rule{folder: "core/web", may: []string{"core/base", "core/desk"}, inTests: []string{"core/testkit"}, never: []string{mautrix}},
	rule{
		folder: "core/app", may: []string{"core/base", "core/desk", "core/hub", "core/web"},
		inTests: []string{"core/testkit"},
	},
	rule{folder: "core/testkit", may: []string{"core"}},
	rule{folder: "bridges/bridgekit", may: bridgeSees, inTests: []string{"core/testkit"}},
	rule{folder: "bridges/bridgetest", may: append([]string{"core"}, bridgeSees...)},
	rule{folder: "cmd", may: []string{"core", "bridges", "cmd"}},
	rule{folder: "scripts", may: []string{"core/base", "core/testkit"}},
	rule{folder: "test", may: []string{"core", "bridges", "cmd"}},
)

// bridgeRule is the rule of every folder under bridges that has none of its own.
func bridgeRule(folder string) rule {
	return rule{folder: folder, may: bridgeSees, inTests: []string{"bridges/bridgetest", "core/testkit", "core/base"}}
}

func deskRules() []rule {
	var made []rule
	for i, name := range deskOrder {
		one := rule{folder: "core/desk/" + name, may: []string{"core/base"}, inTests: []string{"core/testkit"}, never: []string{mautrix}}
		for _, left := range deskOrder[:i] {
			one.may = append(one.may, "core/desk/"+left)
		}
		made = append(made, one)
	}
	return made
}
