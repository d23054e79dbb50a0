package engine_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/auth"
	"granaio/dossier"
	"granaio/engine"
	"granaio/ent/migrate"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/proof"
	"granaio/store"
	"granaio/store/storetest"
)

const planted = "adalovelace"

// lives gives a member a life of which everything bears the planted word that can.
func (s *shop) lives(t *testing.T) (member fact.ID, who engine.Ref) {
	t.Helper()
	ctx, address := t.Context(), planted+"@example.com"
	enrolment := s.enrolment(address)
	enrolment.Identities = append(enrolment.Identities, engine.Identity{Kind: fact.Social, Value: "x:" + planted})
	enrolment.Locale = "en-GB"
	member = granted(t)(s.Enrol(ctx, enrolment)).Member
	who = engine.Ref{ID: member}
	for i := range 30 {
		bought := s.purchase(fmt.Sprint(planted, i), address, "30.00")
		bought.Properties = map[string]any{"name": planted, "said": strings.Repeat(planted+" ", 300)}
		bought.Lines = []engine.LineIn{{Reference: planted, Quantity: 1, Amount: bought.Value.Amount}}
		granted(t)(s.Track(ctx, bought))
	}
	granted(t)(s.Operate(ctx, s.operation(planted+"'s gift", loyalty.Adjust{Points: 25, Reason: "for " + planted}, who)))
	granted(t)(s.Operate(ctx, s.operation(planted+" checks out", loyalty.Hold{Points: 9, ExpiresIn: time.Hour}, who)))
	c := engine.Consent{Origin: s.origin("consent of " + planted), Member: who, Touchpoint: "web", Choices: []loyalty.Choice{{Purpose: "nothing", State: consent.Given}}}
	c.Caller = "operator:" + planted
	refused(t, fact.CodeUnknownPurpose)(s.Consent(ctx, c))
	if err := s.store.Ent().Consent.Create().SetProgrammeID(s.id).SetMemberID(member).SetPurpose("news").SetState("given").SetTextVersion("1").SetTouchpoint("app").
		SetCaller("operator:" + planted).SetDecidedAt(s.now()).Exec(auth.System(ctx, s.id)); err != nil {
		t.Fatal(err)
	}
	visit := device(planted)
	visited := granted(t)(s.Track(ctx, s.bought(planted+" visits", visit, "3.00"))).Member
	noted := s.bought(planted+" visits again", visit, "3.00")
	noted.Properties = map[string]any{"name": planted}
	granted(t)(s.Track(ctx, noted))
	if o := granted(t)(s.Identify(ctx, s.identify(planted+" says who it is", visit, email(address)))); o.Member != member || o.Absorbed[0] != visited {
		t.Fatalf("%+v", o)
	}
	return member, who
}

// Of who was erased not a word is left, in no row and in no file, and the books are right.
func TestNothingIsLeftOfWhoWasErased(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		s := open(t, db)
		member, who := s.lives(t)
		ben := granted(t)(s.Enrol(t.Context(), s.enrolment("ben@example.com"))).Member
		if s.words(t) < 30 {
			t.Fatal("the word was not planted")
		}
		if err := erased(t, s, who); err != nil {
			t.Fatal(err)
		}
		if n := s.words(t); n != 0 {
			t.Errorf("%d rows hold the word", n)
		}
		v := s.view(t, member)
		if b := v.Balances(); b.Pending+b.Available+b.Held+b.Debt != 0 || v.State.Member.Status != loyalty.Erased {
			t.Errorf("%+v", v.State)
		}
		if o := granted(t)(s.Erase(t.Context(), engine.Erase{Origin: s.origin("again"), Member: who, Cause: dossier.ByOperator})); o.Member != member || len(o.Movements) != 0 {
			t.Errorf("%+v", o)
		}
		s.set(s.now().Add(2 * time.Hour)) // what was due is due no more
		if _, err := s.Settle(t.Context(), 100); err != nil {
			t.Error(err)
		}
		if findings, err := proof.Check(t.Context(), db); err != nil || !proof.Holds(findings) {
			t.Errorf("%v, %v", findings, err)
		}
		granted(t)(s.Track(t.Context(), s.purchase("ben's", "ben@example.com", "5.00")))
		if n, err := dossier.Sweep(t.Context(), db, true, time.Now().Add(time.Hour)); n != 2 || err != nil { // the member, and the visitor that it had absorbed
			t.Errorf("%d swept, %v", n, err)
		}
		left := s.inFiles(t, url)
		for range 20 { // what somebody may still see who began to read before, such as a vacuum that the database runs by itself, goes at the next turn
			if len(left) == 0 {
				break
			}
			time.Sleep(200 * time.Millisecond)
			if _, err := dossier.Sweep(t.Context(), db, true, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			left = s.inFiles(t, url)
		}
		if len(left) > 0 {
			t.Errorf("the word is still in %v", left)
		}
		if s.view(t, ben).State.Member.Status != loyalty.Registered {
			t.Error("somebody else was erased too")
		}
	})
}

func erased(t *testing.T, s *shop, who engine.Ref) error {
	t.Helper()
	granted(t)(s.Erase(t.Context(), engine.Erase{Origin: s.origin("erase " + who.ID.String()), Member: who, Cause: dossier.ByOperator}))
	refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), s.purchase("after", planted+"@example.com", "1.00")))
	after := s.purchase("after it", "x@example.com", "1.00")
	after.Member = who
	refused(t, fact.CodeMemberErased)(s.Track(t.Context(), after))
	return nil
}

// words is how many rows of all tables hold the planted word.
func (s *shop) words(t *testing.T) (n int) {
	t.Helper()
	for _, table := range migrate.Tables {
		rows, err := s.store.DB().QueryContext(t.Context(), "SELECT * FROM "+table.Name)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.ToLower(fmt.Sprintf("%s", values)), planted) {
				n++
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// inFiles are the files of the database that hold the planted word: of PostgreSQL those of the tables and their indexes, since its write-ahead log is not the database's to clean.
func (s *shop) inFiles(t *testing.T, url string) (left []string) {
	t.Helper()
	if s.store.Dialect() == dialect.SQLite {
		path, _, _ := strings.Cut(url, "?")
		err := filepath.WalkDir(filepath.Dir(path), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(name)
			if strings.Contains(strings.ToLower(string(text)), planted) {
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
	rows, err := s.store.DB().QueryContext(t.Context(), `SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'i', 't') AND c.relpersistence = 'p' AND pg_relation_size(c.oid) > 0
 AND position($1::bytea IN pg_read_binary_file(pg_relation_filepath(c.oid), 0, 100000000, true)) > 0`, []byte(planted))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		left = append(left, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return left
}

// Two processes that remember a member learn that it was erased by the next thing that it does.
func TestOthersForgetWhoWasErased(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		_, who := s.lives(t)
		other := s.another(1)
		defer other.Close()
		for i := range 3 { // it remembers
			granted(t)(other.Track(t.Context(), s.purchase(fmt.Sprint("elsewhere ", i), planted+"@example.com", "1.00")))
		}
		if err := erased(t, s, who); err != nil {
			t.Fatal(err)
		}
		refused(t, fact.CodeUnknownMember)(other.Track(t.Context(), s.purchase("elsewhere", planted+"@example.com", "1.00")))
		if s.words(t) != 0 {
			t.Error("something was written of who was erased")
		}
	})
}
