package replay

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress tells how far a run is: by a bar on a terminal, else by a line every now and then. Any number of goroutines may use it.
type progress struct {
	out   io.Writer
	total int64 // bytes; 0 if it is not known
	every time.Duration
	bar   *progressbar.ProgressBar // nil where there is no terminal

	mutex       sync.Mutex
	began, last time.Time
	bytes       int64
	lines       int64
}

// redraw is how often a bar is drawn at most.
const redraw = 100 * time.Millisecond

func newProgress(out io.Writer, terminal bool, total int64, every time.Duration) *progress {
	p := &progress{out: out, total: total, every: every, began: time.Now()}
	p.last = p.began
	if terminal {
		if total == 0 {
			total = -1
		}
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetPredictTime(total > 0),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	}
	return p
}

// isTerminal tells whether somebody may be watching.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// add takes note of lines that have been handled, and of their bytes.
func (p *progress) add(lines, bytes int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.lines, p.bytes = p.lines+lines, p.bytes+bytes
	now := time.Now()
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	elapsed := now.Sub(p.began)
	text := fmt.Sprintf("%s, %s a second", counted(p.lines, "line"), grouped(rate(p.lines, elapsed)))
	if p.bar != nil {
		_ = p.bar.Set64(p.bytes) // what cannot be shown is not worth stopping for
		p.bar.Describe(text)
		return
	}
	if p.total > 0 && p.bytes > 0 {
		left := time.Duration(float64(elapsed) * float64(p.total-p.bytes) / float64(p.bytes))
		text += fmt.Sprintf(", %d%%, about %s left", 100*p.bytes/p.total, left.Round(time.Second))
	}
	_, _ = fmt.Fprintln(p.out, text)
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
