package observe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"granaio/observe"
)

// logger is a JSON logger and a way to read the lines it wrote since the last time.
func logger(t *testing.T) (*slog.Logger, func() []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	log, err := observe.NewLogger(&out, "debug", "json")
	if err != nil {
		t.Fatal(err)
	}
	return log, func() (lines []map[string]any) {
		t.Helper()
		for text := range strings.Lines(out.String()) {
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			lines = append(lines, line)
		}
		out.Reset()
		return lines
	}
}

func TestALevelAndAFormatAreChosen(t *testing.T) {
	var out bytes.Buffer
	log, err := observe.NewLogger(&out, "warn", "text")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("quiet")
	log.Warn("loud", "points", 3)
	if text := out.String(); strings.Contains(text, "quiet") || !strings.Contains(text, "level=WARN msg=loud points=3") {
		t.Errorf("logged: %s", text)
	}
	for _, wrong := range [][2]string{{"loud", "text"}, {"info", "xml"}} {
		if _, err := observe.NewLogger(&out, wrong[0], wrong[1]); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}

func TestSecretsAreHiddenWhateverIsLogged(t *testing.T) {
	log, lines := logger(t)
	log.With("Authorization", "Bearer s3cret").Info("x", "token", "s3cret", slog.Group("nats", "password", "s3cret", "user", "anna"))
	line := lines()[0]
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "s3cret") || line["nats"].(map[string]any)["user"] != "anna" {
		t.Errorf("logged: %s", text)
	}
}

func TestTimesAreUTC(t *testing.T) {
	before := time.Local
	time.Local = time.FixedZone("Rome", 7200)
	defer func() { time.Local = before }()
	log, lines := logger(t)
	log.Info("x")
	if at := lines()[0]["time"].(string); !strings.HasSuffix(at, "Z") {
		t.Errorf("logged at %s", at)
	}
}
