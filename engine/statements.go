package engine

import "sync"

// statements are the engine's texts for one database, each built once.
type statements struct {
	grammar
	load, lots, stocks, known string
	view, viewLots, accounts  string
	single                    [parts]string // of SQLite: each part by itself
	joined                    *sync.Map     // of PostgreSQL: sets of parts together
}

func newStatements(g grammar) statements {
	s := statements{
		grammar: g, load: loadSQL(g), lots: lotsSQL(g), stocks: stocksSQL(g), known: knownSQL(g), view: viewSQL(g), viewLots: viewLotsSQL(g), accounts: accountsSQL(g),
		joined: &sync.Map{},
	}
	for p := range parts {
		s.single[p] = p.text(g, 1)
	}
	return s
}

func (s *statements) together(which uint64) string {
	if text, ok := s.joined.Load(which); ok {
		return text.(string)
	}
	text, _ := s.joined.LoadOrStore(which, together(s.grammar, which))
	return text.(string)
}
