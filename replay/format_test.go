package replay_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/replay"
	"granaio/store/storetest"
)

// one is a shop on one database, for what no database has a say in.
func one(t *testing.T) *shop {
	t.Helper()
	return opened(t, storetest.New(t))
}

// recorder is an engine that grants everything, and tells what it was asked.
type recorder struct {
	mutex sync.Mutex
	told  []string
}

func (r *recorder) All(_ context.Context, requests []engine.Request) []engine.Result {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	results := make([]engine.Result, len(requests))
	for i, x := range requests {
		results[i].Outcome = &engine.Outcome{}
		switch x := x.(type) {
		case *engine.Enrol:
			r.told = append(r.told, fmt.Sprintf("%s enrols %s:%s %s", x.Key, x.Identities[0].Kind, x.Identities[0].Value, x.Occurred.Format(time.RFC3339)))
		case *engine.Track:
			value := "nothing"
			if x.Value != nil {
				value = x.Value.Amount.String()
			}
			r.told = append(r.told, fmt.Sprintf("%s %s:%s %s %s %v", x.Key, x.Member.Identity.Kind, x.Member.Identity.Value, x.Occurred.Format(time.RFC3339), value, x.Properties))
		}
	}
	return results
}

// asked is what a file's content makes a replay ask for.
func asked(t *testing.T, s *shop, content string, o replay.Options) []string {
	t.Helper()
	o.Programme, o.Touchpoint, o.Source, o.KnownOnly, o.Lanes = s.id, "shop", "f", true, 1
	o.File = filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(o.File, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var r recorder
	report, err := replay.Run(t.Context(), replay.Deps{Engine: &r, Library: s.library}, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Refusals {
		r.told = append(r.told, fmt.Sprintf("refused %d: %s", x.Line, x.Reason))
	}
	return r.told
}

func TestFilesComeInManyForms(t *testing.T) {
	s := one(t)
	items := map[string]string{"items": "items"}
	const noon = "1997-05-01T16:00:00Z" // in New York, in summer
	for name, c := range map[string]struct {
		content string
		options replay.Options
		want    []string
	}{
		"white space": {
			"  ada   19970501\t 12.40 \n", replay.Options{},
			[]string{"f:1 crm:ada " + noon + " 12.4 map[]"},
		},
		"no line break at the end": {
			"ada 19970501 1", replay.Options{},
			[]string{"f:1 crm:ada " + noon + " 1 map[]"},
		},
		"CR LF": {
			"ada,19970501,12.40\r\n\r\nben,19970501,1\r\n", replay.Options{Delimiter: ","},
			[]string{"f:1 crm:ada " + noon + " 12.4 map[]", "f:3 crm:ben " + noon + " 1 map[]"},
		},
		"a header, in any order, with quotation marks and a byte order mark": {
			"\xef\xbb\xbf\"items\",date,shop,amount,customer\n2,1997-05-01,\"Rome, Centre\",\"12.40\",\"Ada \"\"L\"\"\"\n",
			replay.Options{Delimiter: ",", Header: true, Properties: map[string]string{"items": "", "shop": "shop"}},
			[]string{`f:2 crm:Ada "L" ` + noon + ` 12.4 map[items:2 shop:Rome, Centre]`},
		},
		"a header with names of its own": {
			"who\twhen\tpaid\titems\nada\t1997-05-01\t5\t\n",
			replay.Options{Delimiter: "tab", Header: true, Customer: "who", Date: "when", Amount: "paid", Properties: items},
			[]string{"f:2 crm:ada " + noon + " 5 map[]"},
		},
		"a header, and columns by number": {
			"x;y;z\n1997-05-01;5;ada\n", replay.Options{Delimiter: ";", Header: true, Customer: "3", Date: "1", Amount: "2"},
			[]string{"f:2 crm:ada " + noon + " 5 map[]"},
		},
		"a decimal comma": {
			"ada;1997-05-01;1234,50\nada;1997-05-01;12.40\n", replay.Options{Delimiter: ";", DecimalComma: true},
			[]string{"f:1 crm:ada " + noon + " 1234.5 map[]", "refused 2: “12.40” is not an amount, such as 12,40"},
		},
		"instants": {
			"ada|1997-05-01T09:30:15.5+02:00|5\n", replay.Options{Delimiter: "|"},
			[]string{"f:1 crm:ada 1997-05-01T07:30:15Z 5 map[]"},
		},
		"dates as the first that can be read": {
			"ada someday 5\nada 1997-05-01 5\nada 19970501 5\n", replay.Options{},
			[]string{
				"f:2 crm:ada " + noon + " 5 map[]",
				"refused 1: “someday” is not a date of the form YYYYMMDD or YYYY-MM-DD or RFC3339; is the first line a header?",
				"refused 3: “19970501” is not a date of the form YYYY-MM-DD",
			},
		},
		"dates as they are said to be": {
			"ada 1997-05-01 5\nada 19970501 5\n", replay.Options{Dates: "YYYYMMDD"},
			[]string{"f:2 crm:ada " + noon + " 5 map[]", "refused 1: “1997-05-01” is not a date of the form YYYYMMDD"},
		},
		"identities in their one form": {
			"Ada@Example.com 19970501 5\nnobody 19970501 5\n", replay.Options{Identity: fact.Email},
			[]string{"f:1 email:ada@example.com " + noon + " 5 map[]", "refused 2: customer “nobody”: not an e-mail address"},
		},
		"quotation marks that do not fit": {
			"\"ada,19970501,5\nben,19970501,5\n", replay.Options{Delimiter: ","},
			[]string{"f:2 crm:ben " + noon + " 5 map[]", "refused 1: its quotation marks do not fit together"},
		},
		"a line without an end": {
			strings.Repeat("x", 200_000) + "\nada 19970501 5\n", replay.Options{},
			[]string{"f:2 crm:ada " + noon + " 5 map[]", "refused 1: it is longer than 65536 bytes"},
		},
		"midday where clocks change": {
			"ada 19970406 5\nada 19971026 5\n", replay.Options{},
			[]string{"f:1 crm:ada 1997-04-06T16:00:00Z 5 map[]", "f:2 crm:ada 1997-10-26T17:00:00Z 5 map[]"},
		},
		"nothing": {"", replay.Options{}, nil},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			if got := asked(t, s, c.content, c.options); !slices.Equal(got, c.want) {
				t.Errorf("it asks\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestKeysAreMadeOfTheSourceTheLineAndTheCustomer(t *testing.T) {
	s := one(t)
	var r recorder
	_, err := replay.Run(t.Context(), replay.Deps{Engine: &r, Library: s.library, In: strings.NewReader("ada 19970501 1 5\nada 19970502 1 6\n")},
		replay.Options{Programme: s.id, File: replay.Stdin, Source: "till-7", Touchpoint: "shop", Amount: "4", Lanes: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"till-7:member:ada enrols crm:ada 1997-05-01T16:00:00Z",
		"till-7:1 crm:ada 1997-05-01T16:00:00Z 5 map[]", "till-7:2 crm:ada 1997-05-02T16:00:00Z 6 map[]",
	}
	if !slices.Equal(r.told, want) {
		t.Errorf("it asks\n%s", strings.Join(r.told, "\n"))
	}
}

func TestWhatIsWrongWithTheOptionsIsSaidBeforeAnythingIsDone(t *testing.T) {
	s := one(t)
	file := history(t, "customer,date,amount", "ada,19970501,5")
	for name, c := range map[string]struct {
		change func(*replay.Options)
		want   string
	}{
		"the standard input without a source": {func(o *replay.Options) { o.File, o.Source = replay.Stdin, "" }, "needs the name of a source"},
		"a file that is not there":            {func(o *replay.Options) { o.File += ".gone" }, "no such file"},
		"a folder":                            {func(o *replay.Options) { o.File = filepath.Dir(o.File) }, "is a folder"},
		"an unknown event":                    {func(o *replay.Options) { o.Event = "purchases" }, "has no event “purchases”"},
		"an event that nobody may send":       {func(o *replay.Options) { o.Event = "member.enrolled" }, "has no event “member.enrolled”"},
		"an unknown touchpoint":               {func(o *replay.Options) { o.Touchpoint = "till" }, "has no touchpoint “till”; it has shop"},
		"a column that is not there":          {func(o *replay.Options) { o.Header, o.Amount = true, "paid" }, "no column is called “paid”; there are customer, date, amount"},
		"a name without a header":             {func(o *replay.Options) { o.Amount = "paid" }, "without a header, columns have no names"},
		"a property without a column":         {func(o *replay.Options) { o.Properties = map[string]string{"items": ""} }, "without a header, columns have no names"},
		"another form of dates":               {func(o *replay.Options) { o.Dates = "DD/MM/YYYY" }, "dates are not written as “DD/MM/YYYY”"},
		"a delimiter of two":                  {func(o *replay.Options) { o.Delimiter = "::" }, "the delimiter is one character"},
		"no batch":                            {func(o *replay.Options) { o.Batch = -1 }, "a batch has 1 to 10,000 lines"},
		"no lane":                             {func(o *replay.Options) { o.Lanes = -1 }, "there are 1 to 64 lanes"},
		"a long source":                       {func(o *replay.Options) { o.Source = strings.Repeat("x", 101) }, "at most 100 bytes"},
		"another programme":                   {func(o *replay.Options) { o.Programme = fact.NewID(fact.KindProgramme) }, "not found"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			o := replay.Options{Programme: s.id, File: file, Touchpoint: "shop", Delimiter: ","}
			c.change(&o)
			var r recorder
			report, err := replay.Run(t.Context(), replay.Deps{Engine: &r, Library: s.library, In: strings.NewReader("")}, o)
			if err == nil || !strings.Contains(err.Error(), c.want) || report != nil || len(r.told) > 0 {
				t.Errorf("%v, not %q", err, c.want)
			}
		})
	}
}

func TestProgressIsToldOnLinesWhereThereIsNoTerminal(t *testing.T) {
	s := one(t)
	o := s.options(history(t, interleaved(4, 10)...))
	o.Batch, o.Lanes, o.Notice = 10, 1, time.Nanosecond
	var out bytes.Buffer
	if _, err := replay.Run(t.Context(), replay.Deps{Engine: &recorder{}, Library: s.library, Progress: &out}, o); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "10 lines, ") || !strings.Contains(lines[1], " a second, 50%, about ") ||
		!strings.HasPrefix(lines[3], "40 lines, ") || !strings.HasSuffix(lines[3], ", 100%, about 0s left") {
		t.Errorf("it is told as\n%s", &out)
	}
}
