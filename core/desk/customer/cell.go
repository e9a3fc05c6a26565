package customer

import "strings"

// What a spreadsheet takes for a formula begins so, and customers choose their names themselves. It may begin a cell in
// the middle of ours as well, if the spreadsheet takes another sign for the separator than we do.
// ref: OWASP, CSV Injection
const (
	beginsFormula = "=+-@\t\r"
	beginsCell    = ";\t\r\n"
)

// clears is a cell that empties its field, as opposed to an empty one, which leaves it as it is.
const clears = "-"

// protect puts a ' before what a spreadsheet would take for a formula, and one more where there is one already.
func protect(cell string) string {
	return eachBegin(cell, func(marks, rest string) string { return "'" + marks + rest })
}

// unprotect undoes protect.
func unprotect(cell string) string {
	return eachBegin(cell, func(marks, rest string) string {
		if marks == "" {
			return rest
		}
		return marks[1:] + rest
	})
}

// eachBegin changes the places where a formula could begin: some ' (marks), then the sign (rest).
func eachBegin(cell string, change func(marks, rest string) string) string {
	var text strings.Builder
	begins := true
	for i := 0; i < len(cell); {
		sign := i
		for begins && sign < len(cell) && cell[sign] == '\'' {
			sign++
		}
		if begins && sign < len(cell) && strings.IndexByte(beginsFormula, cell[sign]) >= 0 {
			text.WriteString(change(cell[i:sign], cell[sign:sign+1]))
		} else {
			sign = i
			text.WriteByte(cell[i])
		}
		begins = strings.IndexByte(beginsCell, cell[sign]) >= 0
		i = sign + 1
	}
	return text.String()
}

// joinList writes several texts into one cell, separated by ; each of them stays as it is.
func joinList(list []string) string {
	escaped := make([]string, len(list))
	for i, text := range list {
		escaped[i] = strings.NewReplacer(`\`, `\\`, ";", `\;`).Replace(text)
	}
	return strings.Join(escaped, ";")
}

// splitList undoes joinList; spaces around the texts, and empty texts, do not count.
func splitList(cell string) []string {
	var list []string
	var text strings.Builder
	end := func() {
		if one := strings.TrimSpace(text.String()); one != "" {
			list = append(list, one)
		}
		text.Reset()
	}
	for i := 0; i < len(cell); i++ {
		switch {
		case cell[i] == ';':
			end()
			continue
		case cell[i] == '\\' && i+1 < len(cell) && strings.IndexByte(`\;`, cell[i+1]) >= 0:
			i++
		}
		text.WriteByte(cell[i])
	}
	end()
	return list
}
