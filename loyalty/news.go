package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// AccountNews is an account as it is at an instant: the whole state with its version, never a difference.
//
// An account changes in two ways. A movement is booked: Version grows. Or time passes and something matures or expires before anybody books it: the
// balances that are read are then projected (ledger.AsOf), Version stays, and At is later. So news is ordered by Version, then by At; see Newer.
type AccountNews struct {
	Account fact.ID `json:"account"`
	Version int64   `json:"version"` // the account's sequence; only grows
	ledger.Balances
	NextDue time.Time `json:"nextDue,omitzero"` // when something next matures or expires, later than At; zero for never
	// At is the instant for which the balances hold: when the last movement was booked, or the later one to which they were projected.
	At time.Time `json:"at"`
}

// Newer tells whether n is to be shown to somebody who has seen old: it has a higher version, or the same one, projected to a later instant at
// which the account is no longer what it was.
func (n AccountNews) Newer(old AccountNews) bool {
	if n.Version != old.Version {
		return n.Version > old.Version
	}
	return n.At.After(old.At) && (n.Balances != old.Balances || !n.NextDue.Equal(old.NextDue))
}
