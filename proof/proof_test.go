package proof_test

import (
	"testing"

	"granaio/proof"
	"granaio/store"
	"granaio/store/storetest"
)

func TestAnEmptyDatabaseHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		findings, err := proof.Check(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Log(f)
		}
		if !proof.Holds(findings) {
			t.Error("not")
		}
	})
}
