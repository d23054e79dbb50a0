package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// look is what somebody saw of an account.
type look struct {
	at  time.Time
	saw balances
}

// watches has so many things happen, and looks at an account after each.
func (m *market) watches(t *testing.T, who fact.ID, times int) []look {
	t.Helper()
	var looks []look
	for range times {
		m.happens(t)
		m.passes(time.Second)
		at := m.now()
		looks = append(looks, look{at, read[balances](t, m.account(t, who, buckets).sound(t), account)})
		m.passes(time.Second)
	}
	return looks
}

func stamp(t time.Time) string {
	return fmt.Sprintf("%q", t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

// What an account showed at a moment is what balanceAt tells of that moment, however much has happened since, and whenever what was due was booked.
func TestBalanceAtIsWhatWasSeen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 2)
		who := m.members[0]
		looks := m.watches(t, who, 60)
		for _, settled := range []bool{false, true} {
			for from := 0; from < len(looks); from += 20 {
				var fields strings.Builder
				for i, l := range looks[from : from+20] {
					fmt.Fprintf(&fields, "b%d: balanceAt(at: %s) {%s} ", from+i, stamp(l.at), buckets)
				}
				a := m.account(t, who, fields.String()).sound(t)
				for i, l := range looks[from : from+20] {
					if got := read[balances](t, a, fmt.Sprintf("%s.b%d", account, from+i)); got != l.saw {
						t.Errorf("at %v it showed %+v; now it is said to have been %+v; booked since: %t", l.at, l.saw, got, settled)
					}
				}
			}
			m.settles(t)
		}
	})
}

// statement is what the API says happened in a period.
type statement struct {
	Opening, Closing balances
	Lines            []struct {
		Kind          string
		Count, Points int64
		Change        balances
	}
	Movements struct {
		TotalCount int64
		Totals     []struct {
			Kind          string
			Count, Points int64
		}
	}
}

// A statement begins and ends with what was seen then, and what happened between comes from one to the other, in every bucket. Its lines are the sums of
// the movements that it lists, once what is due is booked.
func TestAStatementAddsUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 2)
		who := m.members[1]
		looks := m.watches(t, who, 60)
		for _, settled := range []bool{false, true} {
			if settled {
				m.settles(t)
			}
			for range 40 {
				i := m.chance.IntN(len(looks) - 1)
				j := i + 1 + m.chance.IntN(len(looks)-1-i)
				a := m.account(t, who, fmt.Sprintf(`statement(from: %s, until: %s) { opening {%[3]s} closing {%[3]s} lines { kind count points change {%[3]s} }
				  movements(first: 1) { totalCount totals { kind count points } } }`, stamp(looks[i].at), stamp(looks[j].at), buckets)).sound(t)
				s := read[statement](t, a, account+".statement")
				sum, count, byKind := s.Opening, int64(0), map[string]string{}
				for _, l := range s.Lines {
					sum, count = sum.plus(l.Change), count+l.Count
					byKind[l.Kind] = fmt.Sprint(l.Count, l.Points)
				}
				if s.Opening != looks[i].saw || s.Closing != looks[j].saw || sum != s.Closing {
					t.Fatalf("from %+v to %+v it says %+v, which comes to %+v", looks[i], looks[j], s, sum)
				}
				if settled && s.Movements.TotalCount != count || s.Movements.TotalCount > count {
					t.Fatalf("%d movements are summed and %d are listed: %+v", count, s.Movements.TotalCount, s)
				}
				for _, l := range s.Movements.Totals {
					if settled && byKind[l.Kind] != fmt.Sprint(l.Count, l.Points) {
						t.Fatalf("the movements come to %+v: %+v", s.Movements, s)
					}
				}
			}
		}
	})
}

// Consecutive statements meet, and a year's may begin before the account did.
func TestStatementsMeet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		who := m.members[0]
		m.tracks(t, who, "purchase", 8, 0)
		m.passes(4 * 24 * time.Hour)
		matured := m.now()
		m.passes(5 * 24 * time.Hour)
		a := m.account(t, who, fmt.Sprintf(`first: statement(from: "2020-01-01T00:00:00Z", until: %[1]s) { from until closing {%[2]s} opening {%[2]s} lines { kind points } movements(first: 9) { edges { node { kind } } } }
		  second: statement(from: %[1]s) { opening {%[2]s} closing {%[2]s} lines { kind count points change { available } } movements(first: 9) { totalCount } }
		  expiring(days: 36525) { lastDay points }`, stamp(matured), buckets)).sound(t)
		a.is(t, account+".first.opening", `{"available":0,"debt":0,"held":0,"pending":0}`)
		a.is(t, account+".first.closing", `{"available":26,"debt":0,"held":0,"pending":0}`)
		a.is(t, account+".first.lines", `[{"kind":"EARN","points":26},{"kind":"MATURE","points":8}]`)
		a.is(t, account+".first.movements.edges", `[{"node":{"kind":"EARN"}},{"node":{"kind":"EARN"}},{"node":{"kind":"EARN"}}]`)
		a.is(t, account+".second.opening", `{"available":26,"debt":0,"held":0,"pending":0}`)
		a.is(t, account+".second.lines", `[]`)
		a.is(t, account+".second.movements.totalCount", "0")
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		day := func(d int) string {
			return m.now().Add(-9*24*time.Hour).In(rome).AddDate(0, 0, d).Format(time.DateOnly)
		}
		a.is(t, account+".expiring.0", fmt.Sprintf(`{"lastDay":%q,"points":10}`, day(10)))
	})
}

func TestBadMoments(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		who := m.members[0]
		m.passes(time.Hour)
		now := m.now()
		at := func(d time.Duration) string { return stamp(now.Add(d)) }
		for _, fields := range []string{
			"balanceAt(at: " + at(time.Minute) + ") {" + buckets + "}",
			"balanceAt(at: " + at(-2*time.Hour) + ") {" + buckets + "}",
			"statement(from: " + at(-time.Minute) + ", until: " + at(time.Minute) + ") { until }",
			"statement(from: " + at(-time.Minute) + ", until: " + at(-time.Minute) + ") { until }",
			"statement(from: " + at(time.Minute) + ") { until }",
			"statement(from: " + at(-9*time.Hour) + ", until: " + at(-2*time.Hour) + ") { until }",
			"expiring(days: 36526) { at }",
			`movements(first: 1, filter: {keys: [` + strings.Repeat(`"a", `, 101) + `]}) { totalCount }`,
		} {
			if code := m.account(t, who, fields).code(); code != "BAD_REQUEST" && (code != "LIMIT_EXCEEDED" || !strings.Contains(fields, "keys")) {
				t.Errorf("%s is answered with %q", fields, code)
			}
		}
		// A clock that is a little ahead means now.
		m.account(t, who, "balanceAt(at: "+at(5*time.Second)+") { available }").sound(t).is(t, account+".balanceAt.available", "10")
	})
}

// What expires is told as far ahead as asked, with the last day, and whether activity would save it.
func TestExpiringAsFarAsAsked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		who := m.members[0]
		m.tracks(t, who, "stay", 0, 0)
		m.does(t, loyalty.Adjust{Points: 3, Reason: "because", ExpireAfter: "5 years"}, engine.Ref{ID: who})
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		today := m.now().In(rome)
		a := m.account(t, who, `soon: expiring(days: 31) { lastDay points inactivity } late: expiring(days: 1800) { points } all: expiring(days: 36525) { lastDay at points }`).sound(t)
		a.is(t, account+".soon", fmt.Sprintf(`[{"inactivity":true,"lastDay":%q,"points":6},{"inactivity":false,"lastDay":%q,"points":10}]`,
			today.AddDate(0, 0, 4).Format(time.DateOnly), today.AddDate(0, 0, 10).Format(time.DateOnly)))
		a.is(t, account+".late", `[{"points":6},{"points":10}]`)
		far := read[[]struct {
			LastDay string
			At      time.Time
			Points  int
		}](t, a, account+".all")
		if last := far[len(far)-1]; len(far) != 3 || last.Points != 3 || last.At.In(rome).Add(-time.Second).Format(time.DateOnly) != last.LastDay ||
			!strings.HasPrefix(last.LastDay, fmt.Sprint(today.Year()+5)) {
			t.Errorf("it is told as %+v", far)
		}
		m.passes(2 * 24 * time.Hour)
		m.tracks(t, who, "look", 0, 0) // activity
		m.account(t, who, `expiring(days: 31) { lastDay points }`).sound(t).
			is(t, account+".expiring.0", fmt.Sprintf(`{"lastDay":%q,"points":6}`, today.AddDate(0, 0, 6).Format(time.DateOnly)))
	})
}
