package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 64 << 10

// lines reads a file line by line, and cuts each into its columns.
type lines struct {
	in        *bufio.Reader
	separator rune // 0 for white space
	number    int  // of the last line
	size      int  // of the last line, with its end, in bytes
}

func newLines(in io.Reader, separator rune) *lines {
	return &lines{in: bufio.NewReaderSize(in, maxLine), separator: separator}
}

// badLine says why a line cannot be read.
type badLine struct{ why string }

func (b *badLine) Error() string { return b.why }

func bad(format string, args ...any) *badLine { return &badLine{fmt.Sprintf(format, args...)} }

// next is the columns of the next line; none of an empty line. The error is a *badLine for that line alone, io.EOF at the end, or the file's.
func (l *lines) next() ([]string, error) {
	text, err := l.in.ReadSlice('\n')
	l.size = len(text)
	if len(text) == 0 && err != nil {
		return nil, err // the end, or a fault
	}
	l.number++
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, l.skip()
	}
	if err != nil && !errors.Is(err, io.EOF) { // the last line may lack its end
		return nil, err
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if l.number == 1 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}
	if !utf8.Valid(text) {
		return nil, bad("it is not UTF-8")
	}
	return l.cut(string(text))
}

// skip passes over the rest of a line that is too long.
func (l *lines) skip() error {
	for {
		rest, err := l.in.ReadSlice('\n')
		l.size += len(rest)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil || errors.Is(err, io.EOF):
			return bad("it is longer than %d bytes", maxLine)
		default:
			return err
		}
	}
}

func (l *lines) cut(text string) ([]string, error) {
	if l.separator == 0 {
		return strings.Fields(text), nil
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	fields := strings.Split(text, string(l.separator))
	if strings.Contains(text, `"`) {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = l.separator
		var err error
		if fields, err = r.Read(); err != nil {
			return nil, bad("its quotation marks do not fit together")
		}
	}
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	return fields, nil
}
