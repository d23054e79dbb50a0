package replay

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestATerminalSeesABarWithTheRateAndTheTimeLeft(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, true, 100, 0)
	p.add(10, 25)
	p.add(10, 25)
	p.end()
	if text := out.String(); !regexp.MustCompile(`\r20 lines, [0-9,]+ a second +50% \|█{15} {15}\| +\[0s:0s\]`).MatchString(text) {
		t.Errorf("it is drawn as %q", text)
	}
}

func TestATerminalSeesHowMuchWasReadOfWhatHasNoKnownEnd(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, true, 0, 0)
	p.add(10, 25)
	p.add(10, 25)
	p.end()
	if text := out.String(); !strings.Contains(text, " 20 lines, ") || strings.Contains(text, "%") {
		t.Errorf("it is drawn as %q", text)
	}
}
