package soak

import (
	"context"
	"encoding/json"
	"fmt"

	"granaio/loyalty/fact"
	"granaio/store"
)

// interaction is a purchase, as the database has it.
type interaction struct {
	id, member, ref string // ref is the key that the client put into the properties
	cents           int64
}

// returned is a reversal, as the database has it.
type returned struct {
	member, interaction string
	cents               int64
	whole               bool
}

// stored is what the database holds.
type stored struct {
	members      map[string][]string // ids by e-mail address
	interactions []interaction
	movements    map[string]movement // by id
	owners       map[string]string   // members, by movement
	redemptions  map[string]string   // members, by redemption
	cancelled    map[string]bool     // redemptions
	reversals    map[string]returned // by id
	commands     map[operation]int   // how many
	balances     map[string]int64    // of members
	counts       map[string]int64    // of purchases, by member: the mission's progress
	taken        int64               // pins
}

// scanner reads one row.
type scanner func(...any) error

// read reads all that the database holds. Nothing is written to it meanwhile.
func read(ctx context.Context, db *store.Store) (*stored, error) {
	s := &stored{
		members: map[string][]string{}, movements: map[string]movement{}, owners: map[string]string{}, redemptions: map[string]string{},
		cancelled: map[string]bool{}, reversals: map[string]returned{},
		commands: map[operation]int{}, balances: map[string]int64{}, counts: map[string]int64{},
	}
	for _, q := range []struct {
		text string
		row  func(scanner) error
	}{
		{`SELECT i.value, m.id, a.available FROM members m JOIN accounts a ON a.id = m.account_id JOIN identities i ON i.member_id = m.id`, s.member},
		{`SELECT id, member_id, value, properties FROM interactions WHERE event = 'purchase'`, s.interaction},
		{`SELECT id, member_id, number, kind, points, available_after FROM movements`, s.movement},
		{`SELECT id, member_id, state FROM redemptions`, s.redemption},
		{`SELECT id, member_id, interaction_id, value, whole FROM reversals`, s.reversal},
		{`SELECT operation, count(*) FROM commands GROUP BY operation`, s.command},
		{`SELECT taken FROM stocks`, s.stock},
		{`SELECT member_id, count FROM progresses`, s.progress},
	} {
		rows, err := db.DB().QueryContext(ctx, q.text)
		if err != nil {
			return nil, fmt.Errorf("soak: reading: %w", err)
		}
		for err == nil && rows.Next() {
			err = q.row(rows.Scan)
		}
		if err == nil {
			err = rows.Err()
		}
		_ = rows.Close()
		if err != nil {
			return nil, fmt.Errorf("soak: reading: %w", err)
		}
	}
	return s, nil
}

func (s *stored) member(scan scanner) error {
	var email string
	var id fact.ID
	var available int64
	if err := scan(&email, &id, &available); err != nil {
		return err
	}
	s.members[email] = append(s.members[email], id.String())
	s.balances[id.String()] = available
	return nil
}

func (s *stored) interaction(scan scanner) error {
	var id, member fact.ID
	var i interaction
	var properties []byte
	if err := scan(&id, &member, &i.cents, &properties); err != nil {
		return err
	}
	var free struct{ Ref string }
	if err := json.Unmarshal(properties, &free); err != nil {
		return fmt.Errorf("the properties of %s: %w", id, err)
	}
	i.id, i.member, i.ref = id.String(), member.String(), free.Ref
	s.interactions = append(s.interactions, i)
	return nil
}

func (s *stored) movement(scan scanner) error {
	var id, member fact.ID
	var m movement
	if err := scan(&id, &member, &m.Number, &m.Kind, &m.Points, &m.Available); err != nil {
		return err
	}
	m.ID = id.String()
	s.movements[m.ID], s.owners[m.ID] = m, member.String()
	return nil
}

func (s *stored) redemption(scan scanner) error {
	var id, member fact.ID
	var state string
	err := scan(&id, &member, &state)
	s.redemptions[id.String()], s.cancelled[id.String()] = member.String(), state == "cancelled"
	return err
}

func (s *stored) reversal(scan scanner) error {
	var id, member, interaction fact.ID
	var r returned
	err := scan(&id, &member, &interaction, &r.cents, &r.whole)
	r.member, r.interaction = member.String(), interaction.String()
	s.reversals[id.String()] = r
	return err
}

func (s *stored) command(scan scanner) error {
	var o operation
	var n int
	err := scan(&o, &n)
	s.commands[o] = n
	return err
}

func (s *stored) stock(scan scanner) error {
	var taken int64
	err := scan(&taken)
	s.taken += taken
	return err
}

func (s *stored) progress(scan scanner) error {
	var member fact.ID
	var n int64
	err := scan(&member, &n)
	s.counts[member.String()] = n
	return err
}
