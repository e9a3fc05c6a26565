package bridgetest

import (
	"fmt"
	"strings"
)

// Check is one fact that the suite holds a bridge to.
type Check struct {
	// Group is what the check is about: "a customer writes".
	Group string
	// Name is the fact, as the subtest is called.
	Name string
	// Says is the fact in one sentence.
	Says string

	run func(*trial)
}

// The groups that need no conversation.
const (
	accountGroup = "the account"
	endGroup     = "the end"
)

// Checks lists all of them in the order in which they run: what ends the account's credentials and what looks at the
// whole run comes last.
func Checks() []Check {
	var all []Check
	for _, group := range []struct {
		name   string
		checks []Check
	}{
		{accountGroup, accountChecks()},
		{"a customer writes", textInChecks()},
		{"a customer sends files", fileInChecks()},
		{"a customer sends other things", thingInChecks()},
		{"a customer comes back to a message", changeInChecks()},
		{"an agent writes", textOutChecks()},
		{"an agent sends files", fileOutChecks()},
		{"an agent comes back to a message", changeOutChecks()},
		{"a group", groupChecks()},
		{"delivery", deliveryChecks()},
		{"trouble at the provider", troubleChecks()},
		{"secrets", secretChecks()},
		{endGroup, endChecks()},
	} {
		for _, check := range group.checks {
			check.Group = group.name
			all = append(all, check)
		}
	}
	return all
}

// Verdict is what a check found.
type Verdict string

// The verdicts.
const (
	Passed        Verdict = "passed"
	Refused       Verdict = "refused as declared" // not declared, and told so to whoever tried
	NotApplicable Verdict = "not applicable"      // not declared, and there is no way to try it
	Failed        Verdict = "FAILED"
	NotRun        Verdict = "not run" // a filter of tests left it out
)

// Result is what one check found on one network.
type Result struct {
	Check
	Verdict Verdict
	Note    string // what there is to say beyond the verdict
}

// Results are what a run found, in the order of Checks.
type Results []Result

// Table is the results as a Markdown table, with a line of totals under it.
func (r Results) Table() string {
	var table strings.Builder
	table.WriteString("| about | check | result |\n| --- | --- | --- |\n")
	totals := map[Verdict]int{}
	for _, one := range r {
		totals[one.Verdict]++
		result := string(one.Verdict)
		if one.Note != "" {
			result += ": " + one.Note
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", one.Group, one.Name, result)
	}
	fmt.Fprintf(&table, "\n%d checks: %d passed, %d refused as declared, %d not applicable, %d failed\n",
		len(r), totals[Passed], totals[Refused], totals[NotApplicable], totals[Failed])
	return table.String()
}
