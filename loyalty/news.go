package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// AccountNews is an account as it is after a commit: the whole state with its version, never a difference.
type AccountNews struct {
	Account fact.ID `json:"account"`
	Version int64   `json:"version"` // the account's sequence; only grows
	ledger.Balances
	NextDue time.Time `json:"nextDue,omitzero"`
	At      time.Time `json:"at"` // when the last movement was booked
}
