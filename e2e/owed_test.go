package e2e

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"granaio/store/storetest"
)

var outstanding = regexp.MustCompile(`granaio_points_outstanding\{bucket="available",programme="chicchi"\} (\d+)`)

// The server works out what the programme owes and proves its ledger by itself; the operator, Prometheus and the command line see the same.
func TestWhatIsOwed(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := boot(t, t.TempDir(), url, "--liability", "1s", "--check", "1s")
		owed := func() int {
			a := s.as(s.tokens["operator"]).ask(t, `{ viewer { programme { liability { totals { available outstanding } months { issued } } } } }`, nil)
			if a.at("viewer.programme.liability") == nil {
				return 0
			}
			return a.number("viewer.programme.liability.totals.available")
		}
		s.as(s.tokens["partner"]).ask(t, track, purchase("receipt 1", "ada@example.com", "42.50"))
		has := s.as(s.tokens["member"]).ask(t, `{ viewer { member { account { available } } } }`, nil).number("viewer.member.account.available") // the only member
		deadline := time.Now().Add(20 * time.Second)
		for owed() != has && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
		}
		var metrics string
		for time.Now().Before(deadline) {
			metrics = s.metrics(t)
			if m := outstanding.FindStringSubmatch(metrics); m != nil && m[1] == fmt.Sprint(has) && strings.Contains(metrics, "granaio_check_violations{") {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		for _, want := range []string{
			fmt.Sprintf(`granaio_points_outstanding{bucket="available",programme="chicchi"} %d`, has),
			`granaio_check_violations{invariant="1",name="balances are what was posted, and what the lots hold"} 0`,
			"granaio_check_timestamp_seconds 1.", "granaio_check_failures_total 0",
		} {
			if !strings.Contains(metrics, want) {
				t.Errorf("/metrics does not say %s:\n%s", want, lines(metrics, "granaio_check", "granaio_points"))
			}
		}
		want := fmt.Sprint(has)
		s.stop(t)
		for _, flag := range []string{"--refresh", "--rebuild"} {
			out, code := granaio(t, "liability", flag, "--database-url", url)
			if code != 0 || !strings.Contains(out, "chicchi as of 2") || !strings.Contains(out, want) || !strings.Contains(out, time.Now().UTC().Format("2006-")) {
				t.Errorf("exit %d, without %s:\n%s", code, want, out)
			}
		}
		if out, code := granaio(t, "liability", "--programme", "nothing", "--database-url", url); code == 0 {
			t.Errorf("of no programme:\n%s", out)
		}
	})
}

func (s *server) metrics(t *testing.T) string {
	t.Helper()
	response, err := http.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lines are those that begin with one of the words.
func lines(text string, words ...string) string {
	var some strings.Builder
	for line := range strings.Lines(text) {
		for _, w := range words {
			if strings.HasPrefix(line, w) {
				some.WriteString(line)
			}
		}
	}
	return some.String()
}
