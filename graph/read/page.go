package read

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/graph/fault"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
)

// MaxPage is the most that one page holds.
const MaxPage = 100

// Window is which part of a connection is asked for. It is comparable, so that the same part is read once.
type Window struct {
	Count         int  // 1 to MaxPage
	Backward      bool // the last ones before, not the first ones after
	After, Before scalar.Cursor
	Descending    bool
}

// NewWindow checks what a connection is asked for: one of first and last, 1 to MaxPage, and cursors of objects of the kind.
func NewWindow(kind fact.Kind, first *int, after *scalar.Cursor, last *int, before *scalar.Cursor, descending bool) (Window, error) {
	return newWindow([]fact.Kind{kind}, first, after, last, before, descending)
}

func newWindow(kinds []fact.Kind, first *int, after *scalar.Cursor, last *int, before *scalar.Cursor, descending bool) (Window, error) {
	w := Window{Descending: descending}
	switch {
	case first != nil && last != nil:
		return w, fault.Malformed("only one of first and last is taken")
	case first != nil:
		w.Count = *first
	case last != nil:
		w.Count, w.Backward = *last, true
	default:
		return w, fault.Malformed("one of first and last is required")
	}
	if w.Count < 1 || w.Count > MaxPage {
		return w, fault.Malformed("first and last are 1 to %d", MaxPage)
	}
	for given, into := range map[*scalar.Cursor]*scalar.Cursor{after: &w.After, before: &w.Before} {
		if given == nil {
			continue
		}
		if !slices.Contains(kinds, given.ID.Kind()) {
			return w, fault.Malformed("a cursor of another connection")
		}
		*into = *given
	}
	return w, nil
}

// Connection is a part of a connection, in the connection's order.
type Connection[N any] struct {
	Edges    []Edge[N]
	PageInfo PageInfo
	total    func(context.Context) (int, error)
}

// Edge is an object in a connection.
type Edge[N any] struct {
	Node   N
	Cursor scalar.Cursor
}

// PageInfo tells where a part of a connection begins and ends.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *scalar.Cursor
}

// TotalCount is how many there are in the whole connection. It is read when it is asked for.
func (c *Connection[N]) TotalCount(ctx context.Context) (int, error) { return c.total(ctx) }

// order is what a connection is ordered by: a column, then the id.
type order struct {
	column  string
	instant bool // the column holds an instant
}

func (o order) value(c scalar.Cursor) any {
	if o.instant {
		return time.UnixMicro(c.Value).UTC()
	}
	return c.Value
}

// falling tells whether rows are read from the greatest value down: a page that is read backward is turned round afterwards.
func (w Window) falling() bool { return w.Descending != w.Backward }

// narrow makes a statement read the window, and one row more to know whether there is more; of each owner, if the owners are several.
func (w Window) narrow(o order, owners int, ownerColumn string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		columns := []string{s.C(o.column), s.C("id")}
		for _, edge := range []struct {
			cursor  scalar.Cursor
			greater bool
		}{{w.After, !w.Descending}, {w.Before, w.Descending}} {
			switch {
			case edge.cursor.ID.IsZero():
			case edge.greater:
				s.Where(sql.CompositeGT(columns, o.value(edge.cursor), edge.cursor.ID))
			default:
				s.Where(sql.CompositeLT(columns, o.value(edge.cursor), edge.cursor.ID))
			}
		}
		direction := " ASC"
		if w.falling() {
			direction = " DESC"
		}
		sorted := sql.ExprFunc(func(b *sql.Builder) {
			b.Ident(columns[0]).WriteString(direction).Comma().Ident(columns[1]).WriteString(direction)
		})
		if owners > 1 {
			ofEach(s, ownerColumn, sorted, w.Count+1)
			return
		}
		s.OrderExpr(sorted).Limit(w.Count + 1)
	}
}

// ofEach makes a statement read the first rows of each owner, in an order.
func ofEach(s *sql.Selector, owner string, sorted sql.Querier, limit int) {
	const place = "place"
	d, columns := sql.Dialect(s.Dialect()), s.UnqualifiedColumns()
	ranked := s.Clone().AppendSelectExprAs(sql.RowNumber().PartitionBy(s.C(owner)).OrderExpr(sorted), place)
	*s = *d.Select(columns...).From(ranked.As("ranked")).Where(sql.LTE(place, limit))
}

// connect makes a connection's part of the rows that narrow let through.
func connect[N any](w Window, rows []N, cursor func(N) scalar.Cursor) *Connection[N] {
	edges := make([]Edge[N], len(rows))
	for i, r := range rows {
		edges[i] = Edge[N]{r, cursor(r)}
	}
	slices.SortFunc(edges, func(a, b Edge[N]) int {
		c := compare(a.Cursor, b.Cursor)
		if w.falling() {
			return -c
		}
		return c
	})
	more := len(edges) > w.Count
	edges = edges[:min(len(edges), w.Count)]
	c := &Connection[N]{Edges: edges, PageInfo: PageInfo{HasNextPage: more, HasPreviousPage: !w.After.ID.IsZero()}}
	if w.Backward {
		slices.Reverse(edges)
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = !w.Before.ID.IsZero(), more
	}
	if len(edges) > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	return c
}

// list is a part of a connection whose objects are all at hand, in its order: of those that are let through. Its objects stand in the answer's place.
func list[N any](w Window, all []N, lets func(N) bool, id func(N) fact.ID) (*Connection[N], []N) {
	place := func(c scalar.Cursor, otherwise int) int {
		if i := slices.IndexFunc(all, func(n N) bool { return id(n) == c.ID }); i >= 0 {
			return i
		}
		return otherwise
	}
	first, last := place(w.After, -1)+1, place(w.Before, len(all))
	var within []N
	total := 0
	for i, n := range all {
		if lets(n) {
			total++
			if i >= first && i < last {
				within = append(within, n)
			}
		}
	}
	more := len(within) > w.Count
	info := PageInfo{HasNextPage: more, HasPreviousPage: !w.After.ID.IsZero()}
	shown := within[:min(len(within), w.Count)]
	if w.Backward {
		info.HasNextPage, info.HasPreviousPage = !w.Before.ID.IsZero(), more
		shown = within[max(0, len(within)-w.Count):]
	}
	c := &Connection[N]{Edges: make([]Edge[N], len(shown)), PageInfo: info, total: func(context.Context) (int, error) { return total, nil }}
	for i, n := range shown {
		c.Edges[i] = Edge[N]{n, scalar.Cursor{ID: id(n)}}
	}
	if len(shown) > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[len(shown)-1].Cursor
	}
	return c, shown
}

func compare(a, b scalar.Cursor) int {
	switch {
	case a.Value < b.Value:
		return -1
	case a.Value > b.Value:
		return 1
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

// pages is a connection that many owners have, such as the movements of members.
type pages[N any] struct {
	owners []fact.ID
	order  order
	column string // of the owner
	owner  func(N) fact.ID
	cursor func(N) scalar.Cursor
	rows   func(ctx context.Context, owners []fact.ID, narrow func(*sql.Selector)) ([]N, error)
	count  func(ctx context.Context, owners []fact.ID) (map[fact.ID]int, error)
	// kin are the ids under which rows of the owners are, and whose each is; nil where those are the owners' own alone.
	kin func(ctx context.Context, owners []fact.ID) ([]fact.ID, map[fact.ID]fact.ID, error)

	windows groups[Window, fact.ID, []N]
	totals  groups[struct{}, fact.ID, int]
}

// of is the owner's part of the connection.
func (p *pages[N]) of(ctx context.Context, owner fact.ID, w Window) (*Connection[N], error) {
	rows, err := p.part(ctx, owner, w)
	if err != nil {
		return nil, err
	}
	c := connect(w, rows, p.cursor)
	c.total = func(ctx context.Context) (int, error) { return p.total(ctx, owner) }
	return c, nil
}

// part is the owner's rows in the window, and one more if there is more.
func (p *pages[N]) part(ctx context.Context, owner fact.ID, w Window) ([]N, error) {
	return p.windows.of(w, func() *Group[fact.ID, []N] { return NewGroup(p.owners, p.read(w)) }).Get(ctx, owner)
}

// total is how many the owner has.
func (p *pages[N]) total(ctx context.Context, owner fact.ID) (int, error) {
	return p.totals.of(struct{}{}, func() *Group[fact.ID, int] {
		return NewGroup(p.owners, func(ctx context.Context, owners []fact.ID) (map[fact.ID]int, error) {
			ids, of, err := p.all(ctx, owners)
			if err != nil {
				return nil, err
			}
			counts, err := p.count(ctx, ids)
			byOwner := make(map[fact.ID]int, len(owners))
			for id, n := range counts {
				byOwner[of[id]] += n
			}
			return byOwner, err
		})
	}).Get(ctx, owner)
}

// all are the ids under which rows of the owners are, and whose each is.
func (p *pages[N]) all(ctx context.Context, owners []fact.ID) ([]fact.ID, map[fact.ID]fact.ID, error) {
	if p.kin != nil {
		return p.kin(ctx, owners)
	}
	of := make(map[fact.ID]fact.ID, len(owners))
	for _, id := range owners {
		of[id] = id
	}
	return owners, of, nil
}

// read reads the window of all owners.
func (p *pages[N]) read(w Window) func(context.Context, []fact.ID) (map[fact.ID][]N, error) {
	return func(ctx context.Context, owners []fact.ID) (map[fact.ID][]N, error) {
		ids, of, err := p.all(ctx, owners)
		if err != nil {
			return nil, err
		}
		rows, err := p.rows(ctx, ids, w.narrow(p.order, len(owners), p.column))
		byOwner := make(map[fact.ID][]N, len(owners))
		for _, r := range rows {
			owner := of[p.owner(r)]
			byOwner[owner] = append(byOwner[owner], r)
		}
		return byOwner, err
	}
}
