package scalar

import (
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/fault"
)

// maxLocale is the longest language tag, in bytes.
const maxLocale = 35

// MarshalLocale writes a language tag; the empty one is null.
func MarshalLocale(tag string) graphql.Marshaler {
	if tag == "" {
		return graphql.Null
	}
	return graphql.MarshalString(tag)
}

// UnmarshalLocale reads a tag of BCP 47 and writes it as is usual: the language in lower case, a script with a capital, a region in capitals.
func UnmarshalLocale(v any) (string, error) {
	s, ok := v.(string)
	if !ok || len(s) > maxLocale {
		return "", notLocale()
	}
	parts := strings.Split(s, "-")
	for i, p := range parts {
		if !alphanumeric(p) || len(p) > 8 || i == 0 && (len(p) < 2 || strings.ContainsAny(p, "0123456789")) {
			return "", notLocale()
		}
		p = strings.ToLower(p)
		switch {
		case i > 0 && len(p) == 2 && len(parts[i-1]) > 1:
			p = strings.ToUpper(p)
		case i > 0 && len(p) == 4 && p[0] > '9':
			p = strings.ToUpper(p[:1]) + p[1:]
		}
		parts[i] = p
	}
	return strings.Join(parts, "-"), nil
}

func notLocale() error {
	return fault.Malformed("not a language tag of BCP 47, such as \"it\" or \"en-GB\"")
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
