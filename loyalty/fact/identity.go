package fact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// MaxIdentity is the longest value of an identity, in bytes. The parts of an e-mail address have bounds of their own, as RFC 5321 and RFC 1035 have them.
const (
	MaxIdentity = 320
	maxAddress  = 254
	maxMailbox  = 64 // before the @
	maxLabel    = 63 // between the dots behind it
)

// isGap tells of the spaces and dashes that people write into numbers to read them more easily, those included that come with what they copy.
func isGap(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212' }

// without is a text without some of its characters.
func without(text string, drop func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if drop(r) {
			return -1
		}
		return r
	}, text)
}

// Normalise gives the one form in which an identity of the kind is stored and looked up: e-mail in lower case, a phone number as + and digits, a card
// number without spaces and dashes, a social network's name in lower case before the handle; others without spaces around. It refuses what cannot be
// one, and whatever cannot be seen, which would let two identities look the same: but for phone numbers, of which the digits alone are left.
func Normalise(kind IdentityKind, value, field string) (string, *Refusal) {
	v := strings.TrimSpace(value)
	switch {
	case !utf8.ValidString(v):
	case kind == Phone && len(v) <= MaxIdentity:
		v = without(strings.TrimPrefix(strings.ToLower(v), "tel:"), func(r rune) bool { return isGap(r) || unicode.Is(unicode.Cf, r) })
	case kind == Card && len(v) <= MaxIdentity:
		v = without(v, isGap)
	}
	switch {
	case v == "":
		return "", Refuse(CodeRequired, field, "an identity needs a value")
	case len(v) > MaxIdentity:
		return "", Refuse(CodeTooLong, field, "an identity has at most %d bytes", MaxIdentity)
	case !utf8.ValidString(v) || strings.ContainsFunc(v, isUnseen):
		return "", Refuse(CodeInvalid, field, "an identity holds no control or format characters")
	}
	switch kind {
	case Email:
		v = strings.ToLower(v)
		if !isAddress(v) {
			return "", Refuse(CodeInvalid, field, "not an e-mail address")
		}
		return v, nil
	case Phone:
		if strings.Contains(v, "(0)") {
			return "", Refuse(CodeInvalid, field, "a phone number in international form has no “(0)”: +44 20 7946 0958, and in Italy +39 06 1234567")
		}
		digits := without(v, func(r rune) bool { return strings.ContainsRune("()./", r) })
		if strings.HasPrefix(digits, "00") {
			digits = "+" + digits[2:]
		}
		n := strings.TrimPrefix(digits, "+")
		if n == digits || len(n) < 7 || len(n) > 15 || strings.Trim(n, "0123456789") != "" || n[0] == '0' {
			return "", Refuse(CodeInvalid, field, "not a phone number in international form, such as +39 06 1234567")
		}
		return "+" + n, nil
	case Card:
		return v, nil
	case Social:
		network, handle, _ := strings.Cut(v, ":")
		network, handle = strings.ToLower(strings.TrimSpace(network)), strings.TrimSpace(handle)
		if network == "" || handle == "" || strings.Trim(network, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			return "", Refuse(CodeInvalid, field, "not a network and a handle, such as instagram:nonna")
		}
		return network + ":" + handle, nil
	case Device, CRM:
		return v, nil
	}
	return "", Refuse(CodeInvalid, field, "not a kind of identity")
}

// isUnseen tells of control characters, and of those that only steer how others are shown.
func isUnseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// isAddress tells whether a text has an e-mail address's form: a mailbox, which may be quoted, and a domain of at least two labels.
func isAddress(v string) bool {
	at := strings.LastIndexByte(v, '@')
	if at < 1 || at > maxMailbox || len(v) > maxAddress || strings.ContainsAny(v, "<>(),;") || strings.ContainsFunc(v, unicode.IsSpace) {
		return false
	}
	mailbox, labels := v[:at], strings.Split(v[at+1:], ".")
	quoted := len(mailbox) > 2 && mailbox[0] == '"' && mailbox[len(mailbox)-1] == '"'
	if !quoted && strings.ContainsAny(mailbox, `@":[]\`) || len(labels) < 2 {
		return false
	}
	return !slices.ContainsFunc(labels, func(l string) bool { return l == "" || len(l) > maxLabel || strings.Contains(l, `"`) })
}
