package fact

import (
	"strings"
	"unicode"
)

// IdentityKind is a way to recognise a member.
type IdentityKind string

// The kinds of identity.
const (
	Device IdentityKind = "device" // an anonymous id that an app or browser made
	Email  IdentityKind = "email"
	Phone  IdentityKind = "phone" // E.164
	Card   IdentityKind = "card"
	CRM    IdentityKind = "crm"
	Social IdentityKind = "social" // network:handle
)

// MaxIdentity is the longest value of an identity, in bytes.
const MaxIdentity = 320

// Normalise gives the one form in which an identity of the kind is stored and looked up: e-mail in lower case, a phone number as + and digits, a card
// number without spaces and dashes; others without spaces around. It refuses what cannot be one.
func Normalise(kind IdentityKind, value, field string) (string, *Refusal) {
	v := strings.TrimSpace(value)
	switch {
	case v == "":
		return "", Refuse(CodeRequired, field, "an identity needs a value")
	case len(v) > MaxIdentity:
		return "", Refuse(CodeTooLong, field, "an identity has at most %d bytes", MaxIdentity)
	case strings.ContainsFunc(v, unicode.IsControl):
		return "", Refuse(CodeInvalid, field, "an identity holds no control characters")
	}
	switch kind {
	case Email:
		at := strings.LastIndexByte(v, '@')
		if at < 1 || at == len(v)-1 || strings.ContainsAny(v, " \t<>(),;") || !strings.Contains(v[at+1:], ".") {
			return "", Refuse(CodeInvalid, field, "not an e-mail address")
		}
		return strings.ToLower(v), nil
	case Phone:
		digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "").Replace(v)
		if strings.HasPrefix(digits, "00") {
			digits = "+" + digits[2:]
		}
		n := strings.TrimPrefix(digits, "+")
		if n == digits || len(n) < 7 || len(n) > 15 || strings.Trim(n, "0123456789") != "" || n[0] == '0' {
			return "", Refuse(CodeInvalid, field, "not a phone number in international form, such as +39 06 1234567")
		}
		return "+" + n, nil
	case Card:
		return strings.NewReplacer(" ", "", "-", "").Replace(v), nil
	case Device, CRM, Social:
		return v, nil
	}
	return "", Refuse(CodeInvalid, field, "not a kind of identity")
}
