package graph

import (
	"granaio/graph/model"
	"granaio/loyalty"
)

// maxExpiring is how many days ahead one may ask what expires: as long as a term can be.
const maxExpiring = 36525

// balanceSnapshot shows news of an account.
func balanceSnapshot(n loyalty.AccountNews) *model.BalanceSnapshot {
	return &model.BalanceSnapshot{
		Account: n.Account, Available: n.Available, Pending: n.Pending, Held: n.Held, Debt: n.Debt, Version: int(n.Version), At: n.At,
	}
}
