// Command mutants breaks the program on purpose, in one place after the other, and looks whether the tests find out. `make mutants` runs it.
//
// What is broken, and where, is in mutants.yaml. Each break is applied to a copy of the tree outside of it, as it is with all that is not committed; the check
// that it names is run, and nothing else; and the copy is mended. It prints a table: the break, which test caught it, and how long that took. It exits with 1
// if a break was caught by nothing, which is a test that is missing; or if a break no longer applies, does not build, or the tests fail without any.
//
//	go run ./proof/mutants --list               whether every break still applies, which `go test ./proof/mutants` proves as well
//	go run ./proof/mutants --only 'twice'       some of them
//	make mutants                                all of them, on a PostgreSQL of its own; it takes the better part of an hour
//
// No check takes longer than two minutes. Tests that touch a database need TEST_DATABASE_URL, as always.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	only := flag.String("only", "", "a regular expression: only the breaks whose names match")
	list := flag.Bool("list", false, "only make sure that every break still applies, and list them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, *only, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, list bool) (err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	mutants, err := load()
	if err != nil {
		return err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !pattern.MatchString(m.Break) })
	if len(mutants) == 0 {
		return errors.New("there is no such break")
	}
	folder, err := os.MkdirTemp("", "granaio-mutants-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	t := &tree{folder}
	if err := t.copy(ctx); err != nil {
		return err
	}
	var moved []error
	for _, m := range mutants {
		_, _, err := t.find(m)
		moved = append(moved, err)
		if list {
			fmt.Printf("%-14s  %s\n", m.In, m.Break)
		}
	}
	if err := errors.Join(moved...); err != nil || list {
		return err
	}
	fmt.Printf("%6s  %-78s  %s\n", "time", "break", "caught by")
	checks, sound, survived := checksOf(mutants), map[string]bool{}, 0
	for _, m := range mutants {
		for _, p := range m.Tests {
			if sound[p] {
				continue
			}
			if err := t.sound(ctx, p, checks[p]); err != nil {
				return err
			}
			sound[p] = true
		}
		start := time.Now()
		caught, err := t.try(ctx, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Break, err)
		}
		if caught == "" {
			caught = "NOTHING"
			survived++
		}
		fmt.Printf("%4.0f s  %-78s  %s\n", time.Since(start).Seconds(), m.Break, caught)
	}
	fmt.Printf("%d breaks, %d caught\n", len(mutants), len(mutants)-survived)
	if survived > 0 {
		return fmt.Errorf("%d breaks were caught by nothing: each is a test that is missing", survived)
	}
	return nil
}

// checksOf are the checks that the breaks name, by package; empty where all of its tests are.
func checksOf(mutants []mutant) map[string][]string {
	checks := map[string][]string{}
	for _, m := range mutants {
		for _, p := range m.Tests {
			if of, ok := checks[p]; m.Check == "" {
				checks[p] = []string{}
			} else if !ok || len(of) > 0 && !slices.Contains(of, m.Check) {
				checks[p] = append(of, m.Check)
			}
		}
	}
	return checks
}

// sound makes sure that a package's checks are there, and pass while nothing is broken.
func (t *tree) sound(ctx context.Context, pkg string, checks []string) error {
	start := time.Now()
	failed, err := t.test(ctx, pkg, strings.Join(checks, "|"))
	if err != nil {
		return fmt.Errorf("%s: %w: %q", pkg, err, checks)
	}
	if failed != "" {
		return fmt.Errorf("%s fails though nothing is broken: %s", pkg, failed)
	}
	fmt.Printf("%4.0f s  (nothing: the checks of %s pass)\n", time.Since(start).Seconds(), strings.TrimPrefix(pkg, "./"))
	return nil
}

// try applies a break and runs its tests until one fails; which that is, or nothing.
func (t *tree) try(ctx context.Context, m mutant) (caught string, err error) {
	mend, err := t.apply(m)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, mend()) }()
	without := 0
	for _, p := range m.Tests {
		switch failed, err := t.test(ctx, p, m.Check); {
		case errors.Is(err, errNoTest):
			without++ // another package's
		case err != nil || failed != "":
			return strings.TrimPrefix(p, "./") + " " + failed, err
		}
	}
	if without == len(m.Tests) {
		return "", errNoTest
	}
	return "", nil
}

// The failure of a test, the deepest subtest of which comes first.
var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

var errNoTest = errors.New("there is no such test")

// test runs those of a package's tests that have a name, and tells which failed first; empty if none.
func (t *tree) test(ctx context.Context, pkg, check string) (string, error) {
	command := t.command(ctx, "go", "test", "-trimpath", "-ldflags=-s -w", "-vet=off", "-count=1", "-failfast", "-timeout=2m", "-run", check, pkg)
	out, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", errors.New("interrupted")
	case err == nil && bytes.Contains(out, []byte("[no tests to run]")):
		return "", errNoTest
	case err == nil:
		return "", nil
	case bytes.Contains(out, []byte("[build failed]")), bytes.Contains(out, []byte("[setup failed]")):
		return "", fmt.Errorf("the tests of %s do not build:\n%s", pkg, out)
	}
	if names := failure.FindAllSubmatch(out, -1); names != nil {
		deepest := slices.MaxFunc(names, func(a, b [][]byte) int { return bytes.Count(a[1], []byte("/")) - bytes.Count(b[1], []byte("/")) })
		return string(deepest[1]), nil
	}
	if bytes.Contains(out, []byte("panic: ")) {
		return "by a panic or the time it took", nil
	}
	return "", fmt.Errorf("go test %s: %w\n%s", pkg, err, out)
}

// command is a command in the tree. Random tests do not look for the shortest failure: any will do.
func (t *tree) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, arguments...)
	c.Dir = t.folder
	c.Env = append(os.Environ(), "RAPID_SHRINKTIME=0s", "RAPID_NOFAILFILE=true", "RAPID_CHECKS=100")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	return c
}
