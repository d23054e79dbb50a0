package expr

import (
	"strings"
	"unicode/utf8"
)

// piece is a stretch of an expression's text, and where it begins in it, in bytes.
type piece struct {
	text string
	at   int
}

// conjuncts are what stands between the outermost &&, in order, without the parentheses around it.
func (p piece) conjuncts() []piece { return p.between("&&", "||") }

// alternatives are what stands between the outermost ||; the piece alone if there is none.
func (p piece) alternatives() []piece { return p.between("||", "") }

// between are what stands between the outermost of an operator. One that binds less tightly, or a ?, makes the piece one whole.
func (p piece) between(operator, looser string) []piece {
	p = p.bare()
	places, whole := []int(nil), true
	p.scan(func(i int) bool {
		switch rest := p.text[i:]; {
		case rest[0] == '?', looser != "" && strings.HasPrefix(rest, looser):
			places = nil
			return false
		case strings.HasPrefix(rest, operator):
			places, whole = append(places, i), false
		}
		return true
	})
	if whole || places == nil {
		return []piece{p}
	}
	var all []piece
	from := 0
	for _, to := range append(places, len(p.text)) {
		all = append(all, piece{p.text[from:to], p.at + from}.between(operator, looser)...)
		from = to + len(operator)
	}
	return all
}

// bare is the piece without the white space and the parentheses around all of it.
func (p piece) bare() piece {
	for {
		text := strings.TrimLeft(p.text, " \t\r\n")
		p = piece{strings.TrimRight(text, " \t\r\n"), p.at + len(p.text) - len(text)}
		if !strings.HasPrefix(p.text, "(") {
			return p
		}
		outer := 0 // how much of it lies outside of parentheses
		p.scan(func(int) bool { outer++; return outer < 2 })
		if outer > 1 || !strings.HasSuffix(p.text, ")") { // the first ( is seen from outside, and so is whatever follows its )
			return p
		}
		p = piece{p.text[1 : len(p.text)-1], p.at + 1}
	}
}

// scan visits each byte that lies outside of parentheses, texts and comments, and the parentheses that open there, until visit answers false.
func (p piece) scan(visit func(i int) bool) {
	depth := 0
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"', '\'':
			if depth == 0 && !visit(i) {
				return
			}
			i = p.closing(i)
			continue
		case '/':
			if strings.HasPrefix(p.text[i:], "//") {
				if end := strings.IndexByte(p.text[i:], '\n'); end >= 0 {
					i += end
					continue
				}
				return
			}
		case ')', ']', '}':
			depth--
			continue
		case '(', '[', '{':
			if depth++; depth > 1 {
				continue
			}
			if !visit(i) {
				return
			}
			continue
		}
		if depth == 0 && !visit(i) {
			return
		}
	}
}

// closing is where the text ends that begins with the quotation mark at i.
func (p piece) closing(i int) int {
	mark := p.text[i : i+1]
	if strings.HasPrefix(p.text[i:], strings.Repeat(mark, 3)) {
		mark = strings.Repeat(mark, 3)
	}
	raw := i > 0 && (p.text[i-1]|0x20 == 'r' || i > 1 && p.text[i-1]|0x20 == 'b' && p.text[i-2]|0x20 == 'r')
	for j := i + len(mark); j < len(p.text); j++ {
		switch {
		case p.text[j] == '\\' && !raw:
			j++
		case strings.HasPrefix(p.text[j:], mark):
			return j + len(mark) - 1
		}
	}
	return len(p.text)
}

// position is where a byte of an expression's text stands: its line and column, from 1, in characters.
func position(source string, at int) (line, column int) {
	before := source[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}
