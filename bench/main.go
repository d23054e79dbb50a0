package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is how much is measured.
type plan struct {
	runs    int           // how many runs a figure is the median of
	length  time.Duration // of a run
	warm    time.Duration // of a warm-up, and of each try at the number of clients that suits best
	idle    time.Duration // how long the server rests before its memory is read
	buyers  int           // members that interactions happen to
	readers int           // members that look at their home screen
	grown   int           // movements that a database with a long past has
	past    int           // purchases that a simulation replays
	profile string        // a folder for CPU profiles of the server; none if empty
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == homeRivalCommand {
		exit(serveHomeRival(os.Args[2], os.Args[3]))
	}
	p := plan{idle: 5 * time.Second}
	only := flag.String("only", "", "figures to measure, separated by commas; all if empty")
	out := flag.String("out", "bench/latest.jsonl", "file that gets a line of JSON per figure")
	flag.IntVar(&p.runs, "runs", 3, "runs of each figure")
	flag.DurationVar(&p.length, "length", 5*time.Second, "length of a run")
	flag.DurationVar(&p.warm, "warm", 2*time.Second, "length of a warm-up")
	flag.IntVar(&p.buyers, "buyers", 10_000, "members that interactions happen to")
	flag.IntVar(&p.readers, "readers", 1_000, "members that look at their home screen")
	flag.IntVar(&p.grown, "movements", 5_000_000, "movements that a database with a long past has")
	flag.IntVar(&p.past, "past", 1_000_000, "purchases that a simulation replays")
	flag.StringVar(&p.profile, "profile", "", "folder that gets a CPU profile of the server for each figure with a rival, taken in its first run")
	flag.Parse()
	chosen, err := choose(*only)
	if err == nil && (flag.NArg() > 0 || p.runs < 1 || p.length <= 0 || p.warm <= 0 || p.buyers < 1 || p.readers < 1 || p.grown < p.buyers || p.past < 1) {
		err = errors.New("a number must be above 0, and nothing may follow the flags; see --help")
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
		err = run(ctx, p, chosen, *out)
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// choose is the figures of the names, in the order they are measured in.
func choose(names string) ([]figure, error) {
	if strings.TrimSpace(names) == "" {
		return figures, nil
	}
	wanted := strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' })
	var chosen []figure
	for _, f := range figures {
		if i := slices.Index(wanted, f.name); i >= 0 {
			chosen, wanted = append(chosen, f), slices.Delete(wanted, i, i+1)
		}
	}
	if len(wanted) > 0 {
		all := make([]string, len(figures))
		for i, f := range figures {
			all[i] = f.name
		}
		return nil, fmt.Errorf("no figure is called %s; there are %s", strings.Join(wanted, ", "), strings.Join(all, ", "))
	}
	return chosen, nil
}

// run measures the figures, prints them and writes them to a file.
func run(ctx context.Context, p plan, chosen []figure, out string) (err error) {
	began := time.Now()
	s, err := openStage(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var results []result
	var failed []error
	for _, f := range chosen {
		say("%s: %s", f.name, f.what)
		r, err := f.measure(ctx, s, f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			results = append(results, r)
			continue
		}
		if s.server != nil {
			err = fmt.Errorf("%w\nThe server's log ends with:\n%s", err, s.server.said())
		}
		say("  failed: %v", err)
		failed = append(failed, fmt.Errorf("%s failed, see above", f.name), s.rest())
	}
	if err := save(out, results); err != nil {
		return err
	}
	show(os.Stdout, results)
	say("%s, in %v", out, time.Since(began).Round(time.Second))
	return errors.Join(failed...)
}

// say tells how the measuring goes on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
