package engine

import "context"

// many is how many open lots those have at least whom one request after another shall not wait for.
const many = 1000

// long tells whether a request takes long: a merge moves every lot that is open, an erasure empties all that the member did. Nobody else waits for it: see Engine.long. Others who change who
// is who are as long if there are many lots.
func (j *job) long() bool { return j.op == opMerge || j.op == opErase || j.aside }

// lots is how many open lots were loaded.
func (b *batch) lots() (n int) {
	for _, p := range b.persons {
		n += len(p.lots.all)
	}
	return n
}

// setAside hands a request that has turned out to be long to those that are. Its worker goes on.
func (e *Engine) setAside(j *job) {
	j.aside = true
	e.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.long.put(ctx, j); err != nil {
			j.done <- reply{err: err}
		}
	})
}
