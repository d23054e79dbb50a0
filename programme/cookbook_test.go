package programme_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// recipe is a chapter of the cookbook: what stands in a programme's file, and what is expected of it.
type recipe struct {
	name string
	yaml string
	rows []row
}

// row is something that happens, and what it gives: "spend +12", "stars: limited", in no order.
type row struct {
	at         time.Time
	touchpoint string
	event      string // "enrols" for the enrolment, "tells" for a change of the profile
	amount     string // empty for none
	properties map[string]any
	gives      []string
}

var (
	chapter = regexp.MustCompile(`(?m)^## (.+)$`)
	block   = regexp.MustCompile("(?s)```yaml( programme)?\n(.*?)```")
	happens = regexp.MustCompile(`^([a-z.]+)(?: ([0-9.]+))?(?: (\{.*\}))?$`)
)

// cookbook reads the page: the programme, and the recipes.
func cookbook(t *testing.T) (string, []recipe) {
	t.Helper()
	page, err := os.ReadFile("../docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	text, base := string(page), ""
	var recipes []recipe
	titles := chapter.FindAllStringSubmatchIndex(text, -1)
	for i, title := range titles {
		end := len(text)
		if i+1 < len(titles) {
			end = titles[i+1][0]
		}
		name, body := text[title[2]:title[3]], text[title[1]:end]
		blocks := block.FindAllStringSubmatch(body, -1)
		if len(blocks) != 1 {
			t.Fatalf("%s has %d blocks of YAML, not one", name, len(blocks))
		}
		if blocks[0][1] != "" {
			base = blocks[0][2]
			continue
		}
		r := recipe{name: name, yaml: blocks[0][2]}
		for line := range strings.SplitSeq(body, "\n") {
			if cells := strings.Split(line, "|"); len(cells) == 6 && !strings.Contains(line, "---") && strings.TrimSpace(cells[1]) != "when" {
				r.rows = append(r.rows, readRow(t, rome, cells[1:5]))
			}
		}
		recipes = append(recipes, r)
	}
	if base == "" {
		t.Fatal("the page has no programme")
	}
	return base, recipes
}

func readRow(t *testing.T, zone *time.Location, cells []string) row {
	t.Helper()
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", cells[0], zone)
	told := happens.FindStringSubmatch(cells[2])
	if err != nil || told == nil {
		t.Fatalf("%v: %v", cells, err)
	}
	r := row{at: at, touchpoint: cells[1], event: told[1], amount: told[2]}
	if err := yaml.Unmarshal([]byte(told[3]), &r.properties); err != nil {
		t.Fatalf("%v: %v", cells, err)
	}
	for name, v := range r.properties { // as JSON has it
		if n, ok := v.(int); ok {
			r.properties[name] = int64(n)
		}
	}
	if cells[3] != "nothing" {
		r.gives = strings.Split(cells[3], ", ")
	}
	slices.Sort(r.gives)
	return r
}

// kitchen is an engine whose clock shows when things happen.
type kitchen struct {
	engine.Nobody // announcements go to it
	*engine.Engine
	programme fact.ID
	clock     time.Time
	member    fact.ID
}

type pantry struct{ *programme.Library }

func (p pantry) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return p.Library.Timeline(ctx, id, number)
}

// happen has something happen, and tells what it gave.
func (k *kitchen) happen(t *testing.T, n int, r row) []string {
	t.Helper()
	k.clock = r.at
	origin := engine.Origin{Programme: k.programme, Caller: "cook", Key: fmt.Sprint("row ", n)}
	var o *engine.Outcome
	var err error
	var foreseen []string
	if r.event == "enrols" {
		o, err = k.Enrol(t.Context(), engine.Enrol{
			Origin: origin, Identities: []engine.Identity{{Kind: fact.Email, Value: "anna@example.com"}}, Touchpoint: r.touchpoint, Occurred: r.at, Attributes: r.properties,
		})
	} else if r.event == "tells" {
		o, err = k.Update(t.Context(), engine.Update{
			Origin: origin, Sender: loyalty.SenderMember, Member: engine.Ref{ID: k.member}, Touchpoint: r.touchpoint, Occurred: r.at, Attributes: r.properties,
		})
	} else {
		track := engine.Track{Origin: origin, Member: engine.Ref{ID: k.member}, Event: r.event, Touchpoint: r.touchpoint, Occurred: r.at, Properties: r.properties}
		if amount, ok := fact.ParseDecimal(r.amount); ok {
			track.Value = &engine.MoneyIn{Amount: amount}
		}
		trial, failure := k.Try(t.Context(), track, loyalty.Question{})
		if failure != nil || trial.Refusal != nil {
			t.Fatal(trial, failure)
		}
		foreseen = withheld(trial.Verdicts)
		o, err = k.Track(t.Context(), track)
	}
	if err != nil || o.Refusal != nil {
		t.Fatalf("%s %s: %v, %v", r.at, r.event, o, err)
	}
	k.member = o.Member
	var gave []string
	for _, m := range o.Movements {
		if m.Kind == "earn" {
			var x struct{ Key string }
			if err := json.Unmarshal(m.Explanation, &x); err != nil {
				t.Fatal(err)
			}
			gave = append(gave, fmt.Sprintf("%s +%d", x.Key, m.Points))
		}
	}
	all, err := k.Judge(t.Context(), k.programme, []fact.ID{o.Interaction}, loyalty.Question{})
	if err != nil || all[o.Interaction] == nil {
		t.Fatal(all, err)
	}
	told := withheld(all[o.Interaction].Verdicts)
	if r.event != "enrols" && r.event != "tells" && !slices.Equal(told, foreseen) {
		t.Errorf("%s %s: it was foreseen that %v, and it is told that %v", r.at, r.event, foreseen, told)
	}
	gave = append(gave, told...)
	slices.Sort(gave)
	return gave
}

// withheld are the rules that gave nothing, and what stood in their way.
func withheld(verdicts []why.Verdict) (told []string) {
	for _, v := range verdicts {
		if v.Points == 0 && v.Tier == "" {
			told = append(told, v.Rule+": "+string(v.Obstacle))
		}
	}
	return told
}

// Every recipe of docs/cookbook.md gives what the page says, imported from the very text that is printed there.
func TestTheCookbook(t *testing.T) {
	base, recipes := cookbook(t)
	if len(recipes) < 20 {
		t.Errorf("only %d recipes were found", len(recipes))
	}
	for _, r := range recipes {
		t.Run(r.name, func(t *testing.T) {
			if len(r.rows) < 1 || !slices.ContainsFunc(r.rows, func(x row) bool { return strings.Contains(fmt.Sprint(x.gives), "+") }) {
				t.Fatal("it has no table that says what it gives")
			}
			storetest.Each(t, func(t *testing.T, db *store.Store) {
				k := &kitchen{clock: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
				k.programme = take(t, db, base+r.yaml, k.clock).Programme
				k.Engine = engine.New(db, pantry{programme.NewLibrary(db)}, k, engine.Options{Workers: 1, Now: func() time.Time { return k.clock }})
				t.Cleanup(k.Close)
				for n, x := range r.rows {
					if got := k.happen(t, n, x); !slices.Equal(got, x.gives) {
						t.Errorf("%s, %s %s %v gives %v, not %v", x.at.Format("2006-01-02 15:04"), x.event, x.amount, x.properties, got, x.gives)
					}
				}
			})
		})
	}
}
