package read

import (
	"context"
	"sync"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/movement"
	"granaio/ent/predicate"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
)

// MovementConnection is a part of a connection of movements.
type MovementConnection struct {
	*Connection[*Movement]
	totals func(context.Context) ([]*MovementTotal, error)
}

// MovementEdge is one in it.
type MovementEdge = Edge[*Movement]

// MovementTotal is movements of one kind, summed.
type MovementTotal struct {
	Kind   movement.Kind
	Count  int
	Points fact.Points
}

// Totals are how many movements of each kind there are in the whole connection, in the order of the kinds' names. They are read when they are asked for.
func (c *MovementConnection) Totals(ctx context.Context) ([]*MovementTotal, error) {
	return c.totals(ctx)
}

// connections are connections over the same owners, one for each filter that they are asked with.
type connections[P any] struct {
	mu  sync.Mutex
	all map[string]P
}

func (c *connections[P]) of(name string, make func() P) P {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.all[name]
	if !ok {
		if c.all == nil {
			c.all = map[string]P{}
		}
		p = make()
		c.all[name] = p
	}
	return p
}

// movementPages is a connection of movements that many owners have.
type movementPages struct {
	*pages[*Movement]
	sums func() *Group[fact.ID, []*MovementTotal]
}

// of is the owner's part of the connection.
func (p *movementPages) of(ctx context.Context, owner fact.ID, w Window) (*MovementConnection, error) {
	c, err := p.pages.of(ctx, owner, w)
	if err != nil {
		return nil, err
	}
	return &MovementConnection{c, func(ctx context.Context) ([]*MovementTotal, error) { return p.sums().Get(ctx, owner) }}, nil
}

// pagesOf are the movements of owners, of whom a column tells, that predicates let through.
func (m *Members) pagesOf(owners []fact.ID, column string, owner func(*ent.Movement) fact.ID, let []predicate.Movement, kin kinship) *movementPages {
	query := func(owners []fact.ID) *ent.MovementQuery {
		return m.Ent.Movement.Query().Where(sql.FieldIn(column, owners...)).Where(let...)
	}
	return &movementPages{
		pages: &pages[*Movement]{
			owners: owners, kin: kin, order: order{column: movement.FieldNumber}, column: column,
			owner:  func(n *Movement) fact.ID { return owner(n.Movement) },
			cursor: func(n *Movement) scalar.Cursor { return scalar.Cursor{Value: n.Number, ID: n.ID} },
			rows: func(ctx context.Context, owners []fact.ID, narrow func(*sql.Selector)) ([]*Movement, error) {
				q := query(owners)
				q.Modify(narrow)
				rows, err := q.All(ctx)
				return m.MovementsOf(rows, m.Programme), err
			},
			count: func(ctx context.Context, owners []fact.ID) (map[fact.ID]int, error) {
				var rows []counted
				err := query(owners).GroupBy(column).Aggregate(ent.Count()).Scan(ctx, &rows)
				return totals(rows), err
			},
		},
		sums: sync.OnceValue(func() *Group[fact.ID, []*MovementTotal] {
			return NewGroup(owners, func(ctx context.Context, owners []fact.ID) (map[fact.ID][]*MovementTotal, error) {
				return sum(ctx, query, owners, column, kin)
			})
		}),
	}
}

// kinship tells under which ids the rows of owners are: see pages.
type kinship = func(context.Context, []fact.ID) ([]fact.ID, map[fact.ID]fact.ID, error)

// sum counts movements by owner and kind.
func sum(ctx context.Context, query func([]fact.ID) *ent.MovementQuery, owners []fact.ID, column string, kin kinship) (map[fact.ID][]*MovementTotal, error) {
	of := map[fact.ID]fact.ID{}
	if kin != nil {
		var err error
		if owners, of, err = kin(ctx, owners); err != nil {
			return nil, err
		}
	}
	var rows []struct {
		MemberID  fact.ID       `sql:"member_id"`
		AccountID fact.ID       `sql:"account_id"`
		Kind      movement.Kind `sql:"kind"`
		Count     int           `sql:"count"`
		Points    fact.Points   `sql:"points"`
	}
	err := query(owners).Order(movement.ByKind()).GroupBy(column, movement.FieldKind).Aggregate(ent.Count(), ent.As(ent.Sum(movement.FieldPoints), "points")).Scan(ctx, &rows)
	all := map[fact.ID][]*MovementTotal{}
	for _, r := range rows {
		owner := counted{r.MemberID, r.AccountID, r.Count}.owner()
		if one, ok := of[owner]; ok {
			owner = one
		}
		if n := len(all[owner]); n > 0 && all[owner][n-1].Kind == r.Kind { // of another id of the same owner
			all[owner][n-1].Count += r.Count
			all[owner][n-1].Points += r.Points
			continue
		}
		all[owner] = append(all[owner], &MovementTotal{r.Kind, r.Count, r.Points})
	}
	return all, err
}

// Movements is a page of the member's movements, by number, or of one that others were merged into in the order in which they were booked: those that the filter lets
// through, all without one.
func (m *Member) Movements(ctx context.Context, w Window, f *MovementFilter) (*MovementConnection, error) {
	name, err := f.name("of a member")
	if err != nil {
		return nil, err
	}
	ids, _, err := m.With.kin(ctx, m.With.ids)
	if err != nil {
		return nil, err
	}
	return m.With.movements.of(name, func() *movementPages {
		all := m.With.pagesOf(m.With.ids, movement.FieldMemberID, func(n *ent.Movement) fact.ID { return n.MemberID }, f.narrow(), m.With.kin)
		if len(ids) > len(m.With.ids) { // the movements of several accounts have no numbers in common
			all.pages.order = order{movement.FieldBookedAt, true}
			all.pages.cursor = func(n *Movement) scalar.Cursor { return scalar.Cursor{Value: n.BookedAt.UnixMicro(), ID: n.ID} }
		}
		return all
	}).of(ctx, m.ID, w)
}

// Movements is a page of the account's movements, by number: those that the filter lets through, all without one.
func (a *Account) Movements(ctx context.Context, w Window, f *MovementFilter) (*MovementConnection, error) {
	name, err := f.name("of an account")
	if err != nil {
		return nil, err
	}
	return a.Member.With.ofAccounts(name, f.narrow()).of(ctx, a.ID, w)
}

// ofAccounts are the movements of the members' accounts that predicates let through. The members' views have been read.
func (m *Members) ofAccounts(name string, let []predicate.Movement) *movementPages {
	return m.movements.of(name, func() *movementPages {
		return m.pagesOf(m.accounts(), movement.FieldAccountID, func(n *ent.Movement) fact.ID { return n.AccountID }, let, nil)
	})
}
