package observe

import (
	"io"
	"sync"
	"time"
)

// The bounds of what is gathered.
const (
	gatheredFor  = 50 * time.Millisecond
	gatheredSize = 64 << 10
)

// Gathered is a writer that writes many lines at once, since each write is a call of the operating system: soon after they came, or when there are many. A logger that
// writes to it (NewLogger) has lines of level warn and above written at once, with what came before them. Who stops flushes it. It may be used by any number of goroutines.
type Gathered struct {
	mu    sync.Mutex
	w     io.Writer
	lines []byte
	timer *time.Timer
	armed bool
}

// Gather makes a writer that gathers lines for w.
func Gather(w io.Writer) *Gathered {
	g := &Gathered{w: w}
	g.timer = time.AfterFunc(time.Hour, g.Flush)
	g.timer.Stop()
	return g
}

// Write takes whole lines. That they could not be written is told to nobody, as with any log.
func (g *Gathered) Write(lines []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.lines)+len(lines) > gatheredSize {
		g.flush()
	}
	g.lines = append(g.lines, lines...)
	if !g.armed {
		g.armed = true
		g.timer.Reset(gatheredFor)
	}
	return len(lines), nil
}

// Flush writes what there is.
func (g *Gathered) Flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flush()
}

func (g *Gathered) flush() {
	if g.armed {
		g.timer.Stop()
		g.armed = false
	}
	if len(g.lines) > 0 {
		_, _ = g.w.Write(g.lines)
		g.lines = g.lines[:0]
	}
}
