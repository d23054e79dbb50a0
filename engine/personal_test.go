package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/loyalty"
)

// What is never changed or deleted holds nothing personal: of an address, a key, a property and whatever was written about a request, only digests and ids.
func TestNothingImmutableHoldsPersonalData(t *testing.T) {
	const secret = "adalovelace"
	each(t, func(t *testing.T, s *shop) {
		ctx, address := t.Context(), secret+"@example.com"
		_, ada := s.given(t, address)
		bought := s.purchase("order of "+secret, address, "30.00")
		bought.Properties = map[string]any{"name": secret}
		interaction := granted(t)(s.Track(ctx, bought)).Interaction
		granted(t)(s.Operate(ctx, s.operation(secret+"'s gift", loyalty.Adjust{Points: 25, Reason: "for " + secret}, ada)))
		hold := held(granted(t)(s.Operate(ctx, s.operation(secret+" checks out", loyalty.Hold{Points: 9, ExpiresIn: 60e9}, ada))))
		spent := granted(t)(s.Operate(ctx, s.operation(secret+" pays", loyalty.Capture{Hold: hold}, engine.Ref{Hold: hold}))).Own[0]
		back := s.refund(secret+" wants it back", spent)
		back.Note = "from " + secret
		granted(t)(s.Refund(ctx, back))
		returned := s.returned(secret+" returns", interaction, "")
		returned.Note = "by " + secret
		granted(t)(s.Reverse(ctx, returned))
		refusal := s.operation(secret+" asks for too much", loyalty.Hold{Points: 999_999, ExpiresIn: 60e9}, ada)
		if o, err := s.Operate(ctx, refusal); err != nil || o.Refusal == nil {
			t.Fatalf("%+v, %v", o, err)
		}

		for _, table := range []string{"movements", "postings", "lots", "holds", "commands", "reversals", "redemptions"} {
			if text, rows := s.stored(t, table); strings.Contains(strings.ToLower(text), secret) || rows == 0 && table != "redemptions" {
				t.Errorf("%d %s hold: %s", rows, table, text)
			}
		}
		if text, _ := s.stored(t, "notes"); strings.Count(text, secret) != 3 { // where erasure can remove them
			t.Errorf("the notes are %s", text)
		}
	})
}

// stored is all that a table holds, as text, and how many rows that is.
func (s *shop) stored(t *testing.T, table string) (text string, rows int) {
	t.Helper()
	found, err := s.store.DB().QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for ; found.Next(); rows++ {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			text += fmt.Sprintf("%s ", v)
		}
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return text, rows
}
