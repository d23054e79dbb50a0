package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
	"granaio/programme"
)

// Whoever changes the form of programmes learns here that bench's is no longer valid.
func TestTheMeasuredProgrammeIsValid(t *testing.T) {
	_, problems := programme.Parse("programme.yaml", programmeFile)
	for _, p := range problems {
		t.Error(p)
	}
}

func TestAFigureIsTheMedianOfItsRunsAndALineOfJSON(t *testing.T) {
	f := figure{name: "x", unit: "things/s", against: "another"}
	path := filepath.Join(t.TempDir(), "latest.jsonl")
	if err := save(path, []result{resultOf(f, []float64{30, 10, 20}, []float64{5, 1, 4}), resultOf(f, []float64{1, 2}, nil)}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := `{"name":"x","value":20,"unit":"things/s","rival":4,"ratio":5,"min":10,"max":30,"runs":3}` + "\n" +
		`{"name":"x","value":1.5,"unit":"things/s","rival":null,"ratio":null,"min":1,"max":2,"runs":2}` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%swant\n%s", err, got, want)
	}
	var table bytes.Buffer
	show(&table, []result{resultOf(f, []float64{30, 10, 20}, []float64{5, 1, 4})})
	for _, part := range []string{"20.0", "5.00", "things/s, another"} {
		if !strings.Contains(table.String(), part) {
			t.Errorf("the table lacks %q:\n%s", part, &table)
		}
	}
}

func TestSomeFiguresAreChosenByName(t *testing.T) {
	some, err := choose("interaction_batch, startup_ms")
	if err != nil || len(some) != 2 || some[0].name != "startup_ms" {
		t.Errorf("got %v, %v", some, err)
	}
	if all, err := choose(""); err != nil || len(all) != len(figures) {
		t.Errorf("got %v, %v", all, err)
	}
	if _, err := choose("startup_ms,nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v", err)
	}
}

func TestConnectionReadsWhatServersAnswer(t *testing.T) {
	long := strings.Repeat("grain ", 2000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/chunked":
			_, _ = io.WriteString(w, long)
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "end")
		case "/refused":
			http.Error(w, "no", http.StatusTeapot)
		default:
			_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Authorization")+" "+string(body))
		}
	}))
	defer server.Close()
	c, err := dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // all over one connection
		for _, want := range []struct{ method, path, body, answer string }{
			{"POST", "/", `{"query":""}`, `POST Bearer secret {"query":""}`}, {"GET", "/chunked", "", long + "end"}, {"GET", "/", "", "GET Bearer secret "},
		} {
			var body []byte
			if want.body != "" {
				body = []byte(want.body)
			}
			if got, err := c.send(want.method, want.path, "secret", body); err != nil || string(got) != want.answer {
				t.Errorf("%s: got %.80q, %v", want.path, got, err)
			}
		}
		if _, err := c.send("GET", "/refused", "secret", nil); err == nil || !strings.Contains(err.Error(), "418") {
			t.Errorf("a refusal: got %v", err)
		}
	}
}

func TestLoadCountsWhatWasDoneAndStopsAtAnError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	sent := make([]int, 2)
	clients := make([]client, 2)
	for i := range clients {
		clients[i] = func(c *connection) (int, error) {
			sent[i]++
			_, err := c.send("GET", "/", "", nil)
			return 100, err
		}
	}
	did, perSecond, err := load(t.Context(), address, clients, 50*time.Millisecond)
	if err != nil || did == 0 || did != 100*(sent[0]+sent[1]) || perSecond > float64(did)/0.05 {
		t.Errorf("got %d, %f, %v; sent %v", did, perSecond, err, sent)
	}
	clients[1] = func(*connection) (int, error) { return 0, io.ErrUnexpectedEOF }
	if _, _, err := load(t.Context(), address, clients, time.Hour); err != io.ErrUnexpectedEOF {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, _, err := load(ctx, address, clients[:1], time.Hour); err != context.Canceled {
		t.Errorf("interrupted: got %v", err)
	}
}

func TestPurchasesAreJSONAndTheirAnswersAreCounted(t *testing.T) {
	member := fact.NewID(fact.KindMember)
	body := appendPurchase(append([]byte(nil), singleHead...), "k ", 7, member, 1205)
	var single struct {
		Variables struct {
			Input struct {
				IdempotencyKey string
				Member         struct{ ID fact.ID }
				Value          struct{ Amount string }
			}
		}
	}
	if err := json.Unmarshal(append(body, `}}`...), &single); err != nil {
		t.Fatal(err)
	}
	if in := single.Variables.Input; in.IdempotencyKey != "k 7" || in.Member.ID != member || in.Value.Amount != "12.05" {
		t.Errorf("got %+v", in)
	}
	batch := beginBatch(nil)
	for i := range 3 {
		batch = append(appendPurchase(batch, "k ", int64(i), member, 500), ',')
	}
	if batch = endBatch(batch); !json.Valid(batch) {
		t.Errorf("not JSON: %s", batch)
	}
	one := `{"outcome":{"duplicate":false,"movements":[{"id":"mov_1"}]},"userErrors":[]}`
	if err := taken([]byte(one), 1, false); err != nil {
		t.Error(err)
	}
	if err := taken([]byte(`{"results":[`+one+`,`+one+`],"userErrors":[]}`), 2, false); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{
		strings.Replace(one, "false", "true", 1), strings.Replace(one, "[]", `[{"code":"UNKNOWN_MEMBER"}]`, 1), strings.Replace(one, `{"id":"mov_1"}`, "", 1),
	} {
		if taken([]byte(wrong), 1, false) == nil {
			t.Errorf("this was let pass: %s", wrong)
		}
	}
}

func TestPgbenchIsRead(t *testing.T) {
	const said = "number of transactions actually processed: 3929\nnumber of failed transactions: 0 (0.000%)\nlatency average = 0.5 ms\n" +
		"tps = 1968.340232 (without initial connection time)\n"
	if did, perSecond, err := readPgbench(said); did != 3929 || perSecond != 1968.340232 || err != nil {
		t.Errorf("got %d, %f, %v", did, perSecond, err)
	}
	if _, _, err := readPgbench(strings.Replace(said, "transactions: 0", "transactions: 2", 1)); err == nil {
		t.Error("failed transactions were let pass")
	}
	if _, _, err := readPgbench("pgbench: error"); err == nil {
		t.Error("an error was read as figures")
	}
}

func TestDifferencesOfScreensAreFound(t *testing.T) {
	read := func(s string) (v any) {
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	a := read(`{"a":[1,{"b":null}],"c":"x"}`)
	for other, where := range map[string]string{
		`{"c":"x","a":[1,{"b":null}]}`: "", `{"a":[1,{"b":2}],"c":"x"}`: "$.a[1].b", `{"a":[1],"c":"x"}`: "$.a ", `{"a":[1,{"b":null}],"d":"x"}`: "$.c",
	} {
		if got := difference(a, read(other), "$"); got != where && (where == "" || !strings.HasPrefix(got, where)) {
			t.Errorf("%s: got %q", other, got)
		}
	}
}

// The rival writes the sentences of this one programme by hand; they are the same.
func TestTheRivalsSentencesAreTheSame(t *testing.T) {
	file, _ := programme.Parse("programme.yaml", programmeFile)
	for _, c := range []struct {
		points fact.Points
		e      why.Explanation
	}{
		{12, why.Explanation{Source: why.SourceRule, Key: "order", Event: "order", Value: 1205, Currency: "EUR", Per: 100, Rate: 1, Rounding: why.RoundDown}},
		{10, why.Explanation{Source: why.SourceRule, Key: "review", Event: "review"}},
		{40, why.Explanation{Source: why.SourceMission, Key: "monthly-orders", Event: "order", Count: 4, Target: 4, Period: "2026-05"}},
		{200, why.Explanation{Source: why.SourceMission, Key: "yearly-orders", Event: "order", Count: 30, Target: 30, Period: "2026"}},
		{1234, why.Explanation{Source: why.SourceMission, Key: "loyal", Event: "order", Count: 100, Target: 100}},
	} {
		names := why.Names{Many: file.Spec.Programme.Points.Name, Event: file.Spec.Programme.Events[c.e.Event].Name}
		for _, r := range file.Spec.Rules {
			if c.e.Source == why.SourceRule && r.Key == c.e.Key {
				names.Definition = r.Name
			}
		}
		for _, m := range file.Spec.Missions {
			if c.e.Source == why.SourceMission && m.Key == c.e.Key {
				names.Definition = m.Name
			}
		}
		text, err := json.Marshal(c.e)
		if err != nil {
			t.Fatal(err)
		}
		var e homeExplanation
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if got, want := e.sentence(int64(c.points)), `"`+c.e.Sentence(c.points, names, "en")+`"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
