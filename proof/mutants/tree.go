package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed mutants.yaml
var data []byte

// mutant is a break.
type mutant struct {
	Break   string   // in words
	In      string   // the folder of the package
	Replace string   // this text, which is there once; white space is all the same
	By      string   // by this one
	Tests   []string // packages whose tests should find out; empty for the package's own
	Check   string   // which of their tests should, as a regular expression; empty for any
}

func load() ([]mutant, error) {
	var all []mutant
	if err := yaml.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("mutants.yaml: %w", err)
	}
	seen := map[string]bool{}
	for i := range all {
		m := &all[i]
		if m.Break == "" || m.In == "" || m.Replace == "" || seen[m.Break] {
			return nil, fmt.Errorf("mutants.yaml: break %d (%s) has a part missing, or is there twice", i+1, m.Break)
		}
		seen[m.Break] = true
		if _, err := regexp.Compile(m.Check); err != nil {
			return nil, fmt.Errorf("mutants.yaml: %s: %w", m.Break, err)
		}
		if len(m.Tests) == 0 {
			m.Tests = []string{"./" + m.In}
		}
	}
	return all, nil
}

// tree is a copy of the source.
type tree struct{ folder string }

// copy copies all files that git knows or would take, as they are.
func (t *tree) copy(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git: %w", err)
	}
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) { // removed, and not committed yet
			continue
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		to := filepath.Join(t.folder, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// find finds the file of the package that has what is to be replaced, and makes sure that it is there once.
func (t *tree) find(m mutant) (file string, place *regexp.Regexp, err error) {
	words := strings.Fields(m.Replace)
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	if place, err = regexp.Compile(strings.Join(words, `\s+`)); err != nil {
		return "", nil, err
	}
	files, err := filepath.Glob(filepath.Join(t.folder, m.In, "*.go"))
	if err != nil {
		return "", nil, err
	}
	found := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		content, err := os.ReadFile(f)
		if err != nil {
			return "", nil, err
		}
		if n := len(place.FindAllIndex(content, -1)); n > 0 {
			found, file = found+n, f
		}
	}
	if found != 1 {
		return "", nil, fmt.Errorf("the break %q no longer applies: package %s has what it replaces %d times and not once; put mutants.yaml right:\n%s",
			m.Break, m.In, found, m.Replace)
	}
	return file, place, nil
}

// broken is the file of a break, as it is and as it would be.
func (t *tree) broken(m mutant) (file string, content, broken []byte, err error) {
	file, place, err := t.find(m)
	if err != nil {
		return "", nil, nil, err
	}
	if content, err = os.ReadFile(file); err != nil {
		return "", nil, nil, err
	}
	broken = place.ReplaceAllLiteral(content, []byte(strings.TrimSpace(m.By)))
	if bytes.Equal(broken, content) {
		return "", nil, nil, fmt.Errorf("the break %q breaks nothing", m.Break)
	}
	return file, content, broken, nil
}

// apply breaks the tree; mend puts it right again.
func (t *tree) apply(m mutant) (mend func() error, err error) {
	file, content, broken, err := t.broken(m)
	if err != nil {
		return nil, err
	}
	return func() error { return os.WriteFile(file, content, 0o600) }, os.WriteFile(file, broken, 0o600)
}
