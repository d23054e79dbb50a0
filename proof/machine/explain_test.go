package machine

import (
	"fmt"
	"strings"
)

// open is a task whose place in the order is to be found: a request, or the clock's booking of one member.
type open struct {
	*task
	member int // of the clock's
	after  []*task
}

// open are the tasks as they are put in order.
func (m *machine) open(tasks []*task, batch bool) (all []open) {
	for i, x := range tasks {
		if x.request == nil {
			for member := range m.model.members { // for whom nothing is due by now, nothing will be: whatever comes due meanwhile is booked as it comes
				if m.model.settle(member, m.clock(x.engine)) != nil {
					all = append(all, open{x, member, nil})
				}
			}
			continue
		}
		o := open{task: x}
		for _, earlier := range tasks[:i] {
			if batch && earlier.request.queue() == x.request.queue() {
				o.after = append(o.after, earlier)
			}
		}
		all = append(all, o)
	}
	return all
}

// explain tries the orders in which tasks may have been done, until one explains all the answers and leads to what fits. It is the model after them; nil if
// none does.
func (m *machine) explain(now *model, left []open, fits func(*model) bool) *model {
	if len(left) == 0 {
		if fits(now) {
			return now
		}
		return nil
	}
	for i, x := range left {
		next := now
		switch {
		case x.request == nil:
			if next = now.settle(x.member, m.clock(x.engine)); next == nil {
				next = now
			}
		case x.waits(left):
			continue
		default:
			var a answer
			if a, next = now.ask(x.request, m.clock(x.engine), x.ids); !a.equal(x.answer) {
				continue
			}
		}
		others := append(append([]open{}, left[:i]...), left[i+1:]...)
		if last := m.explain(next, others, fits); last != nil {
			return last
		}
		if next == now && x.request != nil {
			return nil // it changed nothing: if it does not help here, it does not help elsewhere
		}
	}
	return nil
}

// waits tells whether something must be done before.
func (x open) waits(left []open) bool {
	for _, earlier := range x.after {
		for _, o := range left {
			if o.task == earlier {
				return true
			}
		}
	}
	return false
}

// puzzle tells what was expected, in the order the requests were sent.
func (m *machine) puzzle(now *model, tasks []*task, batch bool) string {
	var b strings.Builder
	if len(tasks) > 1 {
		b.WriteString("no order explains these answers. In the order in which they were sent, they would be")
	} else {
		b.WriteString("the answer should be")
	}
	for _, x := range m.open(tasks, batch) {
		if x.request == nil {
			if next := now.settle(x.member, m.clock(x.engine)); next != nil {
				now = next
			}
			continue
		}
		var a answer
		a, now = now.ask(x.request, m.clock(x.engine), x.ids)
		fmt.Fprintf(&b, "\n    %s", a)
	}
	return b.String()
}
