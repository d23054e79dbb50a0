package examples_test

import (
	"slices"
	"strings"
	"testing"

	"granaio/loyalty/fact"
	"granaio/proof"
	"granaio/store"
	"granaio/store/storetest"
)

// A mother of two, one of six months and one just born, and a father whose child was born on the last of a month live with the club for most of a year.
func TestTheClubFollowsEachChild(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		c := opens(t, db)
		c.until(t, "2026-03-01 10:00")
		marta := c.enrols(t, "marta", map[string]any{"birth_date": "1991-04-20"}, map[string]any{"birth_date": "2025-09-15"}, map[string]any{"birth_date": "2026-02-10"})
		luca := c.enrols(t, "luca", nil, map[string]any{"birth_date": "2026-01-31"})
		c.lives(t, marta, []step{
			// Codes of products: for the younger, for neither, for the older.
			{"2026-03-20 12:00", "app", "product.scanned", "", `{"code": "A", "line": "day", "from_month": 0, "to_month": 3}`, "scan +20, scan-any +5", "luna-nuova"},
			{"2026-03-20 13:00", "app", "product.scanned", "", `{"code": "B", "line": "day", "from_month": 12, "to_month": 24}`, "scan-any +5", "luna-nuova"},
			{"2026-03-21 12:00", "app", "product.scanned", "", `{"code": "C", "line": "soft-night", "from_month": 6, "to_month": 9}`, "scan +20, scan-any +5, soft-night +40", "luna-nuova"},
			// What is asked and read: of the older's month, of nobody's, of nearly the younger's.
			{"2026-03-22 14:00", "app", "quiz.answered", "", `{"quiz": "food", "month": 6, "correct": 8}`, "quiz +16, quiz-of-the-month +15", "luna-nuova"},
			{"2026-03-22 16:00", "app", "quiz.answered", "", `{"quiz": "smiles", "month": 3, "correct": 8}`, "", "luna-nuova"},
			{"2026-03-22 17:00", "web", "article.read", "", `{"article": "colic", "month": 2}`, "article +3", "luna-nuova"},
			// Shopping; with the first purchase the member rises, and gets more from the next one on.
			{"2026-04-01 12:00", "shop", "purchase", "65.00", `{}`, "first-purchase +30, full-basket +15, spend +65", "mezzaluna"},
			{"2026-04-05 12:00", "shop", "purchase", "25.00", `{}`, "mezzaluna +5, spend +25, sunday-basket +10", "mezzaluna"},
			// The younger is two months old on the tenth, not before.
			{"2026-04-09 23:30", "app", "quiz.answered", "", `{"quiz": "sleep", "month": 2, "correct": 5}`, "", "mezzaluna"},
			{"2026-04-10 00:30", "app", "quiz.answered", "", `{"quiz": "sleep", "month": 2, "correct": 5}`, "quiz +10", "mezzaluna"},
			{"2026-04-12 12:00", "shop", "purchase", "120.00", `{}`, "full-basket +36, mezzaluna +31, spend +120, three-purchases +50", "mezzaluna"},
			{"2026-04-14 21:30", "app", "purchase", "10.00", `{}`, "mezzaluna +2, quiet-hours +10, spend +10", "mezzaluna"},
		})
		c.until(t, "2026-05-20 12:00")
		c.wishes(t, wish{marta, "photo-session", ""}, wish{luca, "photo-session", fact.CodeTierTooLow},
			wish{marta, "midwife-talk", fact.CodeTierTooLow}, wish{marta, "first-shoes", fact.CodeNotEligible})
		// What counted leaves the window half a year after it was earned, and the tier ends a month later.
		c.until(t, "2026-11-11 23:00")
		if got := c.view(t, marta).State.Member.Tier; got != "mezzaluna" {
			t.Errorf("in the grace she is %q", got)
		}
		c.until(t, "2026-11-12 00:00")
		if got := c.view(t, marta).State.Member.Tier; got != "luna-nuova" {
			t.Errorf("after it she is %q", got)
		}
		c.lives(t, marta, []step{{"2026-12-05 12:00", "shop", "purchase", "12.00", `{}`, "spend +12, welcome-back +30", "luna-nuova"}})
		c.until(t, "2026-12-20 12:00")
		for _, brought := range []struct {
			who   fact.ID
			event string
			want  []string
		}{
			{marta, "child.month", []string{
				"2026-03-10 09:00 1 of 2026-02-10: moon +10",
				"2026-03-15 09:00 6 of 2025-09-15: first-spoon +25, moon +30",
				"2026-04-10 09:00 2 of 2026-02-10: moon +10",
				"2026-04-15 09:00 7 of 2025-09-15: moon +10",
				"2026-05-10 09:00 3 of 2026-02-10: moon +10",
				"2026-05-15 09:00 8 of 2025-09-15: moon +10, six-moons +60",
				"2026-06-10 09:00 4 of 2026-02-10: moon +10",
				"2026-06-15 09:00 9 of 2025-09-15: moon +10",
				"2026-07-10 09:00 5 of 2026-02-10: moon +10",
				"2026-07-15 09:00 10 of 2025-09-15: moon +10",
				"2026-08-10 09:00 6 of 2026-02-10: first-spoon +25, moon +30",
				"2026-08-15 09:00 11 of 2025-09-15: moon +10",
				"2026-09-10 09:00 7 of 2026-02-10: moon +10",
				"2026-09-15 09:00 12 of 2025-09-15: first-steps +25, moon +30",
				"2026-10-10 09:00 8 of 2026-02-10: moon +10",
				"2026-10-15 09:00 13 of 2025-09-15: moon +10",
				"2026-11-10 09:00 9 of 2026-02-10: moon +10",
				"2026-11-15 09:00 14 of 2025-09-15: moon +10",
				"2026-12-10 09:00 10 of 2026-02-10: moon +10",
				"2026-12-15 09:00 15 of 2025-09-15: moon +10",
			}},
			{luca, "child.month", []string{ // not that of February: it was before he enrolled
				"2026-03-31 09:00 2 of 2026-01-31: moon +10",
				"2026-04-30 09:00 3 of 2026-01-31: moon +10",
				"2026-05-31 09:00 4 of 2026-01-31: moon +10",
				"2026-06-30 09:00 5 of 2026-01-31: moon +10",
				"2026-07-31 09:00 6 of 2026-01-31: first-spoon +25, moon +30",
				"2026-08-31 09:00 7 of 2026-01-31: moon +10, six-moons +60",
				"2026-09-30 09:00 8 of 2026-01-31: moon +10",
				"2026-10-31 09:00 9 of 2026-01-31: moon +10",
				"2026-11-30 09:00 10 of 2026-01-31: moon +10",
			}},
			{marta, "child.birthday", []string{"2026-09-15 09:30 1 of 2025-09-15: candles +50"}},
			{luca, "child.birthday", nil},
			{marta, "birthday", []string{"2026-04-20 08:00 35 of 1991-04-20: birthday +40"}},
			{marta, "long.silence", []string{"2026-07-05 18:00 0 of 2026-05-20: we-miss-you +15"}}, // since the reward that she took
			{luca, "long.silence", []string{"2026-04-16 18:00 0 of 2026-03-01: we-miss-you +15"}},
			{marta, "night.of.stars", []string{"2026-08-10 21:00 0 of 2026-08-10: night-of-stars +10"}},
			{luca, "night.of.stars", []string{"2026-08-10 21:00 0 of 2026-08-10: "}}, // he bought nothing
		} {
			if got := c.timed(t, brought.who, brought.event); !slices.Equal(got, brought.want) {
				t.Errorf("%s happened:\n%s\nand not:\n%s", brought.event, strings.Join(got, "\n"), strings.Join(brought.want, "\n"))
			}
		}
		c.wishes(t, wish{marta, "first-shoes", ""}, wish{luca, "first-shoes", fact.CodeNotEligible}, wish{luca, "bib", ""}, wish{marta, "photo-session", fact.CodeTierTooLow})
		findings, err := proof.Check(t.Context(), db)
		if err != nil || !proof.Holds(findings) {
			t.Errorf("%v %v", findings, err)
		}
	})
}

// Whoever expects a child gives the day on which it is due, and tells of its birth. An ambassador is a Full moon for six months, which the club celebrates once.
func TestTheClubWaitsForAChildAndGrantsATier(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		c := opens(t, db)
		c.until(t, "2026-03-01 10:00")
		nora := c.enrols(t, "nora", nil, map[string]any{"due_date": "2026-05-17"})
		const newborn = `{"code": "A", "line": "day", "from_month": 0, "to_month": 3}`
		c.lives(t, nora, []step{
			{"2026-05-18 12:00", "app", "product.scanned", "", newborn, "scan-any +5", "luna-nuova"},
		})
		c.until(t, "2026-05-20 11:00")
		c.tells(t, nora, map[string]any{"birth_date": "2026-05-20", "due_date": nil, "sex": "f"})
		c.lives(t, nora, []step{
			{"2026-05-20 12:00", "app", "product.scanned", "", newborn, "scan +20, scan-any +5", "luna-nuova"},
			{"2026-06-01 12:00", "help", "ambassador.chosen", "", `{}`, "", "luna-piena"},
			{"2026-06-05 12:00", "shop", "purchase", "10.00", `{}`, "first-purchase +30, luna-piena +5, spend +10", "luna-piena"},
		})
		c.until(t, "2026-11-30 23:00")
		if got := c.view(t, nora).State.Member.Tier; got != "luna-piena" {
			t.Errorf("before six months are over she is %q", got)
		}
		c.until(t, "2026-12-02 12:00")
		if got := c.view(t, nora).State.Member.Tier; got != "luna-nuova" {
			t.Errorf("after them she is %q", got)
		}
		months := c.timed(t, nora, "child.month")
		if len(months) != 6 || months[0] != "2026-06-20 09:00 1 of 2026-05-20: moon +10" || months[5] != "2026-11-20 09:00 6 of 2026-05-20: first-spoon +25, moon +30, six-moons +60" {
			t.Errorf("the months were:\n%s", strings.Join(months, "\n"))
		}
		if gifts := strings.Count(strings.Join(c.timed(t, nora, "tier.changed"), "\n"), "full-moon +50"); gifts != 1 {
			t.Errorf("the full moon was celebrated %d times", gifts)
		}
	})
}
