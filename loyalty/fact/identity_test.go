package fact_test

import (
	"strings"
	"testing"

	"granaio/loyalty/fact"
)

// An identity has one form, in which it is found again.
func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		kind     fact.IdentityKind
		in, want string
	}{
		{fact.Email, " Nonna@Example.COM ", "nonna@example.com"},
		{fact.Email, `"Nonna@home"@example.com`, `"nonna@home"@example.com`},
		{fact.Email, "ada@münchen.example", "ada@münchen.example"},
		{fact.Email, strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{fact.Phone, "0039 06/123.45-67", "+39061234567"},
		{fact.Phone, "+39\u00a0333\u20111234567", "+393331234567"},
		{fact.Phone, "\u202a+39 333 1234567\u202c", "+393331234567"},
		{fact.Phone, "tel:+39-333-1234567", "+393331234567"},
		{fact.Card, "12\t34\u00a05\u20136", "123456"},
		{fact.Card, "12 34-56", "123456"},
		{fact.Social, " Instagram : @Nonna:1 ", "instagram:@Nonna:1"},
		{fact.Social, "mastodon.social:nonna", "mastodon.social:nonna"},
		{fact.Device, " A-b ", "A-b"},
		{fact.CRM, "00 1", "00 1"},
	} {
		got, refusal := fact.Normalise(c.kind, c.in, "x")
		if refusal != nil || got != c.want {
			t.Errorf("%s %q is %q, %v", c.kind, c.in, got, refusal)
			continue
		}
		if again, _ := fact.Normalise(c.kind, got, "x"); again != got {
			t.Errorf("%s %q is %q the next time", c.kind, got, again)
		}
	}
}

// What cannot be an identity is refused, and so is what would look like another.
func TestWhatIsNoIdentity(t *testing.T) {
	for _, c := range []struct {
		kind fact.IdentityKind
		in   string
		code fact.Code
	}{
		{fact.Email, "nonna", fact.CodeInvalid},
		{fact.Email, "@example.com", fact.CodeInvalid},
		{fact.Email, "nonna@example", fact.CodeInvalid},
		{fact.Email, "nonna@example.com.", fact.CodeInvalid},
		{fact.Email, "nonna@.example.com", fact.CodeInvalid},
		{fact.Email, "nonna@example..com", fact.CodeInvalid},
		{fact.Email, "nonna@home@example.com", fact.CodeInvalid},
		{fact.Email, `non"na@home"@example.com`, fact.CodeInvalid},
		{fact.Email, `"@example.com`, fact.CodeInvalid},
		{fact.Email, "non na@example.com", fact.CodeInvalid},
		{fact.Email, "non\u00a0na@example.com", fact.CodeInvalid},
		{fact.Email, "nonna\u202e@example.com", fact.CodeInvalid},
		{fact.Email, "non\u200bna@example.com", fact.CodeInvalid},
		{fact.Email, strings.Repeat("a", 65) + "@example.com", fact.CodeInvalid},
		{fact.Email, "a@" + strings.Repeat("b", 64) + ".com", fact.CodeInvalid},
		{fact.Email, "a@" + strings.Repeat("b.", 126) + "com", fact.CodeInvalid},
		{fact.Email, strings.Repeat("a", 321), fact.CodeTooLong},
		{fact.Phone, "06 1234567", fact.CodeInvalid},
		{fact.Phone, "+44 (0)20 7946 0958", fact.CodeInvalid},
		{fact.Phone, "\u00a0", fact.CodeRequired},
		{fact.Email, "mailto:nonna@example.com", fact.CodeInvalid},
		{fact.Card, " - - ", fact.CodeRequired},
		{fact.Card, "12\u206934", fact.CodeInvalid},
		{fact.Social, "nonna", fact.CodeInvalid},
		{fact.Social, "instagram:", fact.CodeInvalid},
		{fact.Social, ": nonna", fact.CodeInvalid},
		{fact.Social, "insta gram:nonna", fact.CodeInvalid},
		{fact.Device, "a\xffb", fact.CodeInvalid},
		{fact.CRM, " ", fact.CodeRequired},
		{"nickname", "nonna", fact.CodeInvalid},
	} {
		if got, refusal := fact.Normalise(c.kind, c.in, "x"); refusal == nil || refusal.Code != c.code || refusal.Field != "x" || got != "" {
			t.Errorf("%s %q is %q, %+v", c.kind, c.in, got, refusal)
		}
	}
}
