package replay_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"

	"granaio/proof"
)

// The real purchases of 23,570 customers from January 1997 to June 1998: customer, day, CDs, dollars. See P. Fader, B. Hardie: Forecasting Repeat
// Sales at CDNOW, Interfaces 2001.
const (
	cdnowDefault   = "../../shared/data/CDNOW_master.txt"
	cdnowLines     = 69_659
	cdnowCustomers = 23_570
)

// cdnow is the place of the data set; the test is left out where nobody has it.
func cdnow(t *testing.T) string {
	t.Helper()
	path, named := os.LookupEnv("CDNOW")
	if !named {
		path = cdnowDefault
	}
	_, err := os.Stat(path)
	switch {
	case err == nil:
		return path
	case errors.Is(err, fs.ErrNotExist) && !named:
		t.Skip("this one test is left out: it replays the CDNOW data set, which is not part of the source code and is not here. Name its place with CDNOW=/path/of/CDNOW_master.txt")
	}
	t.Fatalf("the CDNOW data set: %v", err)
	return ""
}

// expected computes from the file what every customer must come to under testdata/cdnow.yaml: whole cents, days as eight digits, and no code of the
// product. It holds for a file in which each customer's lines are together and in the order of their dates, and fails for any other.
func expected(t *testing.T, path string) map[string]standing {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	all := map[string]standing{}
	var (
		customer, day, month string
		inMonth, qualifying  int64
		s                    standing
	)
	finish := func() {
		if customer == "" {
			return
		}
		if _, seen := all[customer]; seen {
			t.Fatalf("customer %s's lines are not together", customer)
		}
		s.Tier = "bronze"
		if qualifying >= 500 {
			s.Tier = "silver"
		}
		all[customer] = s
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var who, when string
		var items, dollars, cents int64
		if _, err := fmt.Sscanf(strings.Replace(lines.Text(), ".", " ", 1), "%s %s %d %d %d", &who, &when, &items, &dollars, &cents); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		if who != customer {
			finish()
			customer, day, month, inMonth, qualifying = who, "", "", 0, 50 // for the first purchase
			s = standing{Balance: 10 + 50}                                 // welcome, which does not qualify
		}
		if when < day {
			t.Fatalf("customer %s's dates do not ascend at %s", who, when)
		}
		if when[:6] != month {
			month, inMonth = when[:6], 0
		}
		day = when
		points := dollars // and the cents are lost: one for each whole dollar
		if when[:6] == "199711" {
			points *= 2
		}
		if inMonth++; inMonth == 3 {
			points += 100
			s.Missions++
		}
		s.Balance += points
		s.Purchases++
		qualifying += points
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	finish()
	return all
}

func TestCDNOWComesToWhatAnIndependentComputationSays(t *testing.T) {
	path := cdnow(t)
	want := expected(t, path)
	var total int64
	for _, s := range want {
		total += s.Balance
	}
	if len(want) != cdnowCustomers {
		t.Fatalf("the file has %d customers, not %d", len(want), cdnowCustomers)
	}
	each(t, func(t *testing.T, s *shop) {
		t.Parallel() // the other database has work for another core
		report := s.replay(t, s.options(path))
		t.Log(report)
		if report.Tracked != cdnowLines || report.Enrolled != cdnowCustomers || report.Customers != cdnowCustomers || report.Refused != 0 || report.Backward != 0 {
			t.Errorf("not every line counted, or not every customer was enrolled:\n%s", report)
		}
		if len(report.Points) != 1 || int64(report.Points["earn"]) != total {
			t.Errorf("the report tells of %v points, not of %d earned", report.Points, total)
		}
		got := s.standings(t)
		compare(t, got, want)

		again := s.replay(t, s.options(path))
		t.Log(again)
		if again.Duplicates != cdnowLines || again.Known != cdnowCustomers || again.Tracked+again.Enrolled+again.Refused != 0 || len(again.Points) != 0 {
			t.Errorf("the same file again did something:\n%s", again)
		}
		if !maps.Equal(s.standings(t), got) {
			t.Error("the same file again changed what members have")
		}

		findings, err := proof.Check(t.Context(), s.store)
		if err != nil {
			t.Fatal(err)
		}
		if !proof.Holds(findings) {
			t.Errorf("what was stored does not hold together: %v", findings)
		}
	})
}

// compare tells the first few members who have not come to what they must.
func compare(t *testing.T, got, want map[string]standing) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d members, not %d", len(got), len(want))
	}
	wrong := 0
	for customer, w := range want {
		if g := got[customer]; g != w {
			if wrong++; wrong <= 5 {
				t.Errorf("customer %s has %+v, not %+v", customer, g, w)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d members differ", wrong, len(want))
	}
}
