package engine

import "sync"

// statements are the engine's texts for one database, each built once.
type statements struct {
	grammar
	load, stocks, budgets    map[bool]string // locking or not
	lots, known              string
	due, dueMembers          string
	foresee, expect          string
	view, accounts, tiers    string
	timelines                string
	owners, holds            string
	owned                    string
	passages, explained      string
	marks, lines             string
	pasts, reversals, undone string
	judged                   string
	lotsByID, redemptions    string
	first, last, history     string
	sent                     string
	writes                   *sync.Map // statements that write, by shape
}

func newStatements(g grammar) statements {
	s := statements{
		grammar: g, due: dueSQL(g), dueMembers: dueMembersSQL(g), foresee: foreseeSQL(g), expect: expectSQL(g), lots: lotsSQL(g), known: knownSQL(g), view: viewSQL(g), accounts: accountsSQL(g), tiers: tiersSQL(g), timelines: timelinesSQL(g),
		owners: ownersSQL(g), owned: ownedSQL(g), passages: passagesSQL(g), explained: explainedSQL(g), holds: holdsSQL(g), marks: marksSQL(g), lines: linesSQL(g),
		pasts: pastsSQL(g), judged: judgedSQL(g), reversals: reversalsSQL(g), undone: undoneSQL(g), lotsByID: lotsByIDSQL(g), redemptions: redemptionsSQL(g),
		first: othersSQL(g, "ASC"), last: othersSQL(g, "DESC"), history: historySQL(g), sent: sentSQL(g),
		writes:  &sync.Map{},
		load:    map[bool]string{true: loadSQL(g, true), false: loadSQL(g, false)},
		budgets: map[bool]string{true: budgetsSQL(g, true), false: budgetsSQL(g, false)},
		stocks:  map[bool]string{true: stocksSQL(g, true), false: stocksSQL(g, false)},
	}
	return s
}

// write is the statement of a shape: see writing. There are few: a batch's parts go together, and their forms are coarse.
func (s *statements) write(of shape) string {
	if text, ok := s.writes.Load(of); ok {
		return text.(string)
	}
	text, _ := s.writes.LoadOrStore(of, written(s.grammar, of))
	return text.(string)
}
