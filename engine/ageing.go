package engine

import (
	"encoding/json"
	"fmt"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// ageingRow is how a lot ages where its instants do not tell, as it is stored.
type ageingRow struct {
	Waits    uuid            `json:"waits"`
	Validity ledger.Validity `json:"validity"`
	Warns    ledger.Term     `json:"warns"`
}

// encodeAgeing is null for a lot of which the instants tell all. It is made for every lot, so it does not take the long way round; its texts need no
// escapes.
func encodeAgeing(l ledger.Lot) any {
	var b []byte
	add := func(name, text string) {
		b = append(b, "{,"[min(len(b), 1)])
		b = append(b, `"`+name+`":"`+text+`"`...)
	}
	if !l.Waits.IsZero() {
		add("waits", l.Waits.UUID())
	}
	if !l.Validity.IsZero() {
		add("validity", l.Validity.String())
	}
	if !l.Warns.IsZero() {
		add("warns", l.Warns.String())
	}
	if b == nil {
		return nil
	}
	return string(append(b, '}'))
}

// DecodeAgeing reads what is stored of how a lot ages; nothing, if nothing is.
func DecodeAgeing(text []byte, l *ledger.Lot) error {
	if len(text) == 0 {
		return nil
	}
	var row ageingRow
	if err := json.Unmarshal(text, &row); err != nil {
		return fmt.Errorf("engine: how lot %s ages: %w", l.ID, err)
	}
	l.Waits, l.Validity, l.Warns = fact.ID(row.Waits), row.Validity, row.Warns
	return nil
}
