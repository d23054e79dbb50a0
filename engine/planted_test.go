package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/dossier"
	"granaio/engine"
	"granaio/ent/migrate"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// What is planted: a word wherever one can be, and values of which each can be but in one place.
const (
	planted = "adalovelace"
	born    = "1815-12-10"
	income  = 8151210
	zone    = "antarctica/troll"
	tongue  = "haw-latn-740"
)

var words = []string{planted, born, fmt.Sprint(income), zone, tongue}

// lives gives a member a life of which everything bears the planted word that can: also those who are merged into it, of whom one has absorbed another before.
func (s *shop) lives(t *testing.T) (member fact.ID, who engine.Ref) {
	t.Helper()
	ctx, address := t.Context(), planted+"@example.com"
	older := s.joins(t, "older."+address)
	old := s.joins(t, "old."+address)
	granted(t)(s.Merge(ctx, s.said(s.merge(planted+" is one", older, old))))
	who = s.joins(t, address)
	for i := range 30 {
		bought := s.purchase(fmt.Sprint(planted, i), address, "30.00")
		bought.Properties = map[string]any{planted: planted, "said": planted, "order": planted, "story": strings.Repeat(planted+" ", 300)}
		bought.Lines = []engine.LineIn{{Reference: planted, Quantity: 1, Amount: bought.Value.Amount}}
		granted(t)(s.Track(ctx, bought))
	}
	member = granted(t)(s.Merge(ctx, s.said(s.merge(planted+" is the same", old, who)))).Member
	visit := device(planted)
	visited := granted(t)(s.Track(ctx, s.bought(planted+" visits", visit, "3.00"))).Member
	noted := s.bought(planted+" visits again", visit, "3.00")
	noted.Properties = map[string]any{"said": planted}
	granted(t)(s.Track(ctx, noted))
	if o := granted(t)(s.Identify(ctx, s.identify(planted+" says who it is", visit, email(address)))); o.Member != member || o.Absorbed[0] != visited {
		t.Fatalf("%+v", o)
	}
	return member, engine.Ref{ID: member}
}

// said makes whoever asks for a merge write down the word.
func (s *shop) said(m engine.Merge) engine.Merge {
	m.Reason, m.Caller = planted+" came by", "operator:"+planted
	return m
}

// joins is a member of whom everything is known that can be.
func (s *shop) joins(t *testing.T, address string) engine.Ref {
	t.Helper()
	ctx, key := t.Context(), func(of string) engine.Origin {
		o := s.origin(of + " of " + address)
		o.Caller = "operator:" + planted
		return o
	}
	n := s.enrolment(address)
	n.Identities = append(n.Identities, engine.Identity{Kind: fact.Social, Value: "x:" + address})
	n.Locale = "haw-Latn-740"
	n.Attributes = map[string]any{"diet": planted, "likes": []any{planted}, "born": born, "income": float64(income), planted: planted}
	n.Dependents = []loyalty.Introduced{{Kind: "child", Attributes: map[string]any{"name": planted, "born": born}}}
	n.Consents = []loyalty.Choice{{Purpose: "profile", State: consent.Given}}
	joined := granted(t)(s.Enrol(ctx, n))
	who := engine.Ref{ID: joined.Member}
	update := engine.Update{Origin: key("update"), Member: who, Touchpoint: "web", Attributes: map[string]any{"diet": planted + " again", "note": planted}}
	granted(t)(s.Update(ctx, update))
	child := loyalty.DependentUpdate{Event: loyalty.EventDependentAdded, Kind: "child"}
	added := granted(t)(s.Update(ctx, engine.Update{Origin: key("child"), Member: who, Touchpoint: "web", Attributes: map[string]any{"name": planted}, Dependent: &child}))
	child = loyalty.DependentUpdate{Event: loyalty.EventDependentUpdated, ID: added.Interaction.As(fact.KindDependent)}
	granted(t)(s.Update(ctx, engine.Update{Origin: key("child again"), Member: who, Touchpoint: "web", Attributes: map[string]any{"name": planted + " again"}, Dependent: &child}))
	granted(t)(s.Consent(ctx, engine.Consent{Origin: key("consent"), Member: who, Touchpoint: "web", Choices: []loyalty.Choice{{Purpose: "news", State: consent.Given}}}))
	granted(t)(s.Prefer(ctx, engine.Prefer{Origin: key("wish"), Member: who, Preferences: consent.Preferences{Channels: []string{"sms"}, TimeZone: "Antarctica/Troll"}}))
	if err := s.store.Ent().Contact.Create().SetProgrammeID(s.id).SetMemberID(who.ID).SetChannel("sms").SetSentAt(s.now()).Exec(auth.System(ctx, s.id)); err != nil {
		t.Fatal(err)
	}
	track := func(event, of string) engine.Track {
		return engine.Track{Origin: key(of), Member: who, Event: event, Touchpoint: "web", Properties: map[string]any{"answer": planted, "order": planted, "said": planted}}
	}
	granted(t)(s.Track(ctx, track("survey", "survey")))
	bought := track("purchase", "purchase")
	bought.Lines = []engine.LineIn{{Reference: planted, Quantity: 2, Amount: decimal.RequireFromString("60")}}
	purchase := granted(t)(s.Track(ctx, bought)).Interaction
	granted(t)(s.Track(ctx, track("delivered", "delivery")))
	back := engine.Reverse{Origin: key("return"), Interaction: purchase, Lines: []loyalty.ReturnedLine{{Reference: planted, Quantity: 1}}, Note: "from " + planted}
	granted(t)(s.Reverse(ctx, back))
	for _, o := range []struct {
		of string
		op loyalty.Operation
	}{
		{"gift", loyalty.Adjust{Points: 25, Reason: "for " + planted}}, {"suspension", loyalty.Suspend{Reason: planted + " again"}}, {"pardon", loyalty.Reinstate{Reason: planted + " said so"}},
		{"hold", loyalty.Hold{Points: 9, ExpiresIn: time.Hour}},
	} {
		granted(t)(s.Operate(ctx, engine.Operate{Origin: key(o.of), Members: []engine.Ref{who}, Operation: o.op}))
	}
	taken := granted(t)(s.Redeem(ctx, engine.Redeem{Origin: key("mug"), Member: who, Reward: s.reward(t, "mug")}))
	refund := s.refund("refund of "+address, taken.Redemption.MovementID)
	refund.Note, refund.Caller = planted+" broke it", "operator:"+planted
	granted(t)(s.Refund(ctx, refund))
	gone := engine.Identity{Kind: fact.Social, Value: "x:gone." + address}
	granted(t)(s.Identify(ctx, s.identify("another name of "+address, who, gone)))
	granted(t)(s.RemoveIdentity(ctx, engine.IdentityRemove{Origin: key("name"), Member: who, Identity: gone}))
	return who
}

// keys are the columns with text of rows that erasure removes, or that it empties, in which only a word of the product or a key of the programme can stand, so that nobody's word comes there.
var keys = []string{
	"members.tier", "members.persona", "member_events.was", "member_events.status", "attribute_values.touchpoint", "consents.purpose", "consents.text_version", "consents.touchpoint",
	"contacts.channel", "progresses.period", "tier_changes.was", "tier_changes.tier",
}

// unplanted are the columns that erasure promises to clear and in which nothing was planted: by the schema, so that a new column has the test fail until somebody plants something there.
func (s *shop) unplanted(t *testing.T) (missing []string) {
	t.Helper()
	found := s.found(t)
	for i := range dossier.Tables {
		table := &dossier.Tables[i]
		at := slices.IndexFunc(migrate.Tables, func(m *schema.Table) bool { return m.Name == table.Name })
		for _, c := range migrate.Tables[at].Columns {
			name := table.Name + "." + c.Name
			cleared := table.Gone || slices.Contains(table.Clears, c.Name) || name == "working_states.doc" || name == "working_states.profile"
			text := c.Type == field.TypeString || c.Type == field.TypeJSON || c.Type == field.TypeBytes
			if cleared && text && !slices.Contains(keys, name) && found[name] == 0 {
				missing = append(missing, name)
			}
		}
	}
	return missing
}

// found counts the rows that hold something planted, by column: "notes.text".
func (s *shop) found(t *testing.T) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, table := range migrate.Tables {
		s.rows(t, "SELECT * FROM "+table.Name, func(columns []string, values []any) {
			for i, v := range values {
				if text := strings.ToLower(fmt.Sprintf("%s", v)); slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
					all[table.Name+"."+columns[i]]++
				}
			}
		})
	}
	return all
}

// unexported are the columns in which something planted stands, and which a member's file does not show with as many rows.
func (s *shop) unexported(t *testing.T, member fact.ID) (missing []string) {
	t.Helper()
	var text bytes.Buffer
	if err := dossier.Write(t.Context(), s.store, s.id, member, s.now(), &text); err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(text.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	for name, rows := range s.found(t) {
		table, column, _ := strings.Cut(name, ".")
		shown, _ := file[table].([]any)
		for _, row := range shown {
			all := map[string]bool{}
			if walk("", row.(map[string]any)[column], all); len(all) > 0 {
				rows--
			}
		}
		if rows != 0 {
			missing = append(missing, name)
		}
	}
	return missing
}

func (s *shop) rows(t *testing.T, query string, row func(columns []string, values []any)) {
	t.Helper()
	rows, err := s.store.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row(columns, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// places are where in the documents that are stored of members something planted stands: "profile.aside.*".
func (s *shop) places(t *testing.T) []string {
	t.Helper()
	all := map[string]bool{}
	s.rows(t, "SELECT doc, profile FROM working_states", func(columns []string, values []any) {
		for i, v := range values {
			var x any
			if text := fmt.Sprintf("%s", v); v != nil && json.Unmarshal([]byte(text), &x) != nil {
				t.Errorf("%s is no JSON: %s", columns[i], text)
			}
			walk(columns[i], x, all)
		}
	})
	return slices.Sorted(maps.Keys(all))
}

func walk(at string, x any, found map[string]bool) {
	hit := func(text string) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(text), w) }) {
			found[at] = true
		}
	}
	switch x := x.(type) {
	case map[string]any:
		for key, v := range x {
			if hit(key); at == "doc.metrics.of" {
				key = "*" // a digest of the metric's form
			}
			walk(at+"."+key, v, found)
		}
	case []any:
		for _, v := range x {
			walk(at, v, found)
		}
	case string:
		hit(x)
	case float64:
		hit(fmt.Sprint(int64(x)))
	}
}

// inFiles are the files of the database that hold something planted: of PostgreSQL those of the tables and their indexes, since its write-ahead log is not the database's to clean.
func (s *shop) inFiles(t *testing.T, url string) (left []string) {
	t.Helper()
	if s.store.Dialect() == dialect.SQLite {
		path, _, _ := strings.Cut(url, "?")
		err := filepath.WalkDir(filepath.Dir(path), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(name)
			if file := strings.ToLower(string(text)); slices.ContainsFunc(words, func(w string) bool { return strings.Contains(file, w) }) {
				left = append(left, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
	if _, err := s.store.DB().ExecContext(t.Context(), "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	for _, w := range append([]string{"Antarctica/Troll", "haw-Latn-740"}, words...) {
		s.rows(t, `SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'i', 't') AND c.relpersistence = 'p' AND pg_relation_size(c.oid) > 0
 AND position('`+w+`'::bytea IN pg_read_binary_file(pg_relation_filepath(c.oid), 0, 100000000, true)) > 0`, func(_ []string, values []any) {
			left = append(left, fmt.Sprintf("%s (%s)", values[0], w))
		})
	}
	return left
}
