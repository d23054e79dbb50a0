package read

import (
	"errors"

	"granaio/loyalty/fact"
)

// errGone is the fault of a member that was there a moment ago.
var errGone = errors.New("read: a member that is not there")

// counted is a row of a count by owner: a member or an account.
type counted struct {
	MemberID  fact.ID `sql:"member_id"`
	AccountID fact.ID `sql:"account_id"`
	Count     int     `sql:"count"`
}

func (c counted) owner() fact.ID {
	if c.MemberID.IsZero() {
		return c.AccountID
	}
	return c.MemberID
}

func totals(rows []counted) map[fact.ID]int {
	all := make(map[fact.ID]int, len(rows))
	for _, r := range rows {
		all[r.owner()] = r.Count
	}
	return all
}

func byID[N any](nodes []N, id func(N) fact.ID) map[fact.ID]N {
	all := make(map[fact.ID]N, len(nodes))
	for _, n := range nodes {
		all[id(n)] = n
	}
	return all
}
