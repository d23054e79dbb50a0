package engine

import (
	"encoding/json"
	"fmt"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// ageingRow is how a lot ages where its instants do not tell, as it is stored.
type ageingRow struct {
	Waits    uuid            `json:"waits,omitzero"`
	Validity ledger.Validity `json:"validity,omitzero"`
	Warns    ledger.Term     `json:"warns,omitzero"`
}

// encodeAgeing is null for a lot of which the instants tell all.
func encodeAgeing(l ledger.Lot) (any, error) {
	row := ageingRow{uuid(l.Waits), l.Validity, l.Warns}
	if row == (ageingRow{}) {
		return nil, nil
	}
	text, err := json.Marshal(row)
	if err != nil {
		return nil, fmt.Errorf("engine: how a lot ages: %w", err)
	}
	return string(text), nil
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
