package auth

import (
	"testing"

	"granaio/loyalty/fact"
)

func TestTheLeastRecentlyUsedTokenIsForgottenFirst(t *testing.T) {
	m := newMemory(3 * shards)
	digest := func(n byte) (d [32]byte) { // all in one shard
		d[31] = n
		return d
	}
	for n := range byte(3) {
		m.keep(digest(n), &Viewer{Subject: string(rune('a' + n))})
	}
	m.recall(digest(0))
	m.keep(digest(3), &Viewer{Subject: "d"})
	for n, want := range []string{"a", "", "c", "d"} {
		got := ""
		if v := m.recall(digest(byte(n))); v != nil {
			got = v.Subject
		}
		if got != want {
			t.Errorf("token %d is remembered as %q, want %q", n, got, want)
		}
	}
	m.forget(digest(0))
	m.forget(digest(0))
	if m.recall(digest(0)) != nil {
		t.Error("a forgotten token is remembered")
	}
}

func BenchmarkVerifyRemembered(b *testing.B) {
	i := NewIssuer(NewKey(), "granaio", "granaio")
	v := i.Verifier()
	token, err := i.Issue(Claims{Role: RoleOperator, Programme: fact.NewID(fact.KindProgramme), Subject: "anna"})
	if err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Verify(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
