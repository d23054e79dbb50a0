package observe_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"granaio/observe"
)

func TestLinesAreWrittenSoonAndWarningsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		gathered := observe.Gather(&out)
		log, err := observe.NewLogger(gathered, "info", "text")
		if err != nil {
			t.Fatal(err)
		}
		written := func(want string) {
			t.Helper()
			var got []string
			for line := range strings.Lines(out.String()) {
				_, message, _ := strings.Cut(strings.TrimSpace(line), "msg=")
				got = append(got, message)
			}
			out.Reset()
			if s := strings.Join(got, " "); s != want {
				t.Errorf("written: %q, want %q", s, want)
			}
		}
		log.Info("one")
		log.Info("two")
		written("")
		time.Sleep(100 * time.Millisecond)
		written("one two")
		log.Info("three")
		log.Warn("four")
		written("three four")
		log.Info("five")
		gathered.Flush()
		written("five")
		time.Sleep(time.Second)
		written("")
		log.Info(strings.Repeat("x", 60<<10))
		log.Info("six", "much", strings.Repeat("x", 60<<10))
		written(strings.Repeat("x", 60<<10))
		log.Error("seven")
		if !strings.Contains(out.String(), "msg=six") || !strings.Contains(out.String(), "msg=seven") {
			t.Error("lines are missing")
		}
	})
}
