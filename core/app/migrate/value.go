package migrate

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"puente/core/base/errs"
)

// appendValue adds what SQLite holds in a column, as COPY's text form writes it for a column of the given type.
func appendValue(to []byte, kind string, value any) ([]byte, error) {
	if value == nil {
		return append(to, `\N`...), nil
	}
	switch kind {
	case "bool":
		return appendBool(to, value)
	case "bytea":
		return appendBytes(to, value)
	}
	switch v := value.(type) {
	case string:
		return appendText(to, v)
	case []byte:
		return appendText(to, string(v))
	case int64:
		return strconv.AppendInt(to, v, 10), nil
	case float64:
		return strconv.AppendFloat(to, v, 'g', -1, 64), nil
	case time.Time: // the driver makes times of columns that are declared so
		return v.UTC().AppendFormat(to, "2006-01-02 15:04:05.999999"), nil
	}
	return nil, fmt.Errorf("it holds a %T, which has no counterpart: %w", value, errs.ErrUnsupported)
}

// appendBool takes SQLite's numbers for booleans too.
func appendBool(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(to, v), nil
	case int64:
		return strconv.AppendBool(to, v != 0), nil
	}
	return nil, fmt.Errorf("it holds a %T instead of true or false: %w", value, errs.ErrInvalid)
}

// appendBytes writes bytes in hexadecimal. A text in such a column is its bytes.
func appendBytes(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case []byte:
		return hex.AppendEncode(append(to, `\\x`...), v), nil
	case string:
		return hex.AppendEncode(append(to, `\\x`...), []byte(v)), nil
	}
	return nil, fmt.Errorf("it holds a %T instead of bytes: %w", value, errs.ErrInvalid)
}

// appendText escapes what ends a column or a row. PostgreSQL's text is UTF-8 without NUL; SQLite takes anything.
func appendText(to []byte, text string) ([]byte, error) {
	if strings.ContainsRune(text, 0) {
		return nil, fmt.Errorf("it holds a NUL byte, which PostgreSQL's text cannot: %w", errs.ErrInvalid)
	} else if !utf8.ValidString(text) {
		return nil, fmt.Errorf("it is no UTF-8, as PostgreSQL's text must be: %w", errs.ErrInvalid)
	}
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\':
			to = append(to, `\\`...)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			to = append(to, c)
		}
	}
	return to, nil
}
