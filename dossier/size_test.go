package dossier_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/auth"
	"granaio/dossier"
	"granaio/ent/interaction"
	"granaio/ent/member"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// lived writes a member who did so many things down, as the engine would.
func lived(t *testing.T, db *store.Store, programme, who fact.ID, interactions int) {
	t.Helper()
	ctx, at := auth.System(t.Context(), programme), fact.Instant(time.Now().AddDate(-1, 0, 0))
	account, err := db.Ent().Account.Create().SetID(who.As(fact.KindAccount)).SetProgrammeID(programme).Save(ctx)
	if err == nil {
		err = db.Ent().Member.Create().SetID(who).SetProgrammeID(programme).SetAccountID(account.ID).SetStatus(member.StatusRegistered).SetEnrolledAt(at).Exec(ctx)
	}
	if err != nil || interactions == 0 {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := db.Ent().Interaction.Create().SetID(who.As(fact.KindInteraction)).SetProgrammeID(programme).SetMemberID(who).SetEvent("purchase").SetTouchpoint("till").SetOccurredAt(at).
		SetReceivedAt(at).SetValue(1250).SetProperties(json.RawMessage(`{"said":"` + strings.Repeat("a long story, ", 20) + `"}`)).SetVersion(1).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	// The others are like the first, each with an id of its own.
	hex := `printf('%08x', n.n)`
	if db.Dialect() == dialect.Postgres {
		hex = `lpad(to_hex(n.n), 8, '0')`
	}
	id := `substr(CAST(i.id AS text), 1, 9) || substr(` + hex + `, 1, 4) || '-' || substr(` + hex + `, 5, 4) || substr(CAST(i.id AS text), 19)`
	if db.Dialect() == dialect.Postgres {
		id = `CAST(` + id + ` AS uuid)`
	}
	if _, err := db.DB().ExecContext(ctx, `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < `+fmt.Sprint(interactions-1)+`)
INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, occurred_at, received_at, value, properties, version)
SELECT `+id+`, i.programme_id, i.member_id, i.event, i.touchpoint, i.occurred_at, i.received_at, i.value, i.properties, i.version FROM interactions i, n`); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Ent().Interaction.Query().Where(interaction.MemberID(who)).Count(ctx); err != nil || n != interactions {
		t.Fatalf("%d interactions, %v", n, err)
	}
}

// gauge reads a file as it is written, and looks now and then how much memory the process holds on to.
type gauge struct {
	bytes, next int
	most        uint64
}

func (g *gauge) Write(p []byte) (int, error) {
	if g.bytes += len(p); g.bytes >= g.next {
		g.next += 4 << 20
		g.most = max(g.most, held())
	}
	return len(p), nil
}

func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The file of a member who did a hundred thousand things takes no more memory than that of one who did little: it is written as it is read.
func TestALongFileIsNotHeld(t *testing.T) {
	const many, bound = 100_000, 8 << 20
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		programme, who := fact.NewID(fact.KindProgramme), fact.NewID(fact.KindMember)
		lived(t, db, programme, who, many)
		before, g := held(), &gauge{}
		if err := dossier.Write(t.Context(), db, programme, who, time.Now(), g); err != nil {
			t.Fatal(err)
		}
		if g.bytes < 4*bound {
			t.Fatalf("the file has %d bytes: too few to tell", g.bytes)
		}
		if more := int64(g.most) - int64(before); more > bound {
			t.Errorf("a file of %d bytes held %d bytes of memory", g.bytes, more)
		}
	})
}

// Whoever reads a file slowly, or not at all, holds up nothing but itself: what cannot be written ends it.
func TestAFileEndsWithItsReader(t *testing.T) {
	db := storetest.New(t)
	programme, who := fact.NewID(fact.KindProgramme), fact.NewID(fact.KindMember)
	lived(t, db, programme, who, 1000)
	r, w := io.Pipe()
	go func() {
		_, _ = io.CopyN(io.Discard, r, 64<<10)
		_ = r.CloseWithError(io.ErrClosedPipe)
	}()
	if err := dossier.Write(t.Context(), db, programme, who, time.Now(), w); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v", err)
	}
}

// Whatever erasure removes is in the file: who is forgotten could have had all of it.
func TestWhatIsRemovedIsExported(t *testing.T) {
	for _, table := range dossier.Tables {
		if table.Told != "" && (table.Gone || len(table.Clears) > 0) {
			t.Errorf("%s is cleared, and is no part of a file", table.Name)
		}
		for _, hidden := range table.Hidden {
			for _, cleared := range table.Clears {
				if hidden == cleared || table.Gone {
					t.Errorf("%s.%s is cleared, and no file shows it", table.Name, hidden)
				}
			}
		}
		if table.Gone && len(table.Hidden) > 0 {
			t.Errorf("%s goes, and no file shows its %v", table.Name, table.Hidden)
		}
	}
}
