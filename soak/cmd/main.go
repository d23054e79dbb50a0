// Command cmd runs the soak on both databases and prints what became of it. It exits with 1 if anything was lost, doubled, changed or violated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"granaio/soak"
)

func main() {
	duration := flag.Duration("duration", time.Minute, "how long in all, both databases taken together; some seconds more for starting and ending")
	seed := flag.Uint64("seed", 0, "of what the clients do; 0 for one by chance")
	only := flag.String("only", "", "sqlite or postgres; both if empty")
	clients := flag.Int("clients", 12, "clients")
	servers := flag.Int("servers", 0, "servers on one database; by default 1 on SQLite and 3 on PostgreSQL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := run(ctx, *duration, *only, soak.Options{Script: filepath.Join("scripts", "postgres"), Seed: *seed, Clients: *clients, Servers: *servers, Log: os.Stdout})
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, duration time.Duration, only string, o soak.Options) error {
	databases := []string{soak.SQLite, soak.Postgres}
	if only != "" {
		databases = []string{only}
	}
	if o.Duration = duration / time.Duration(len(databases)); flag.NArg() > 0 || o.Clients < 1 || o.Servers < 0 || o.Duration <= 0 || o.Duration > soak.MaxDuration {
		return fmt.Errorf("a number must be above 0, the duration %v at most for each database, and nothing may follow the flags; see --help", soak.MaxDuration)
	}
	folder, err := os.MkdirTemp("", "granaio-soak-bin-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	o.Binary = filepath.Join(folder, "granaio")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.Binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	var reports []*soak.Report
	wrong := 0
	for _, o.Database = range databases {
		bounded, cancel := context.WithTimeout(ctx, o.Duration+3*time.Minute)
		report, err := soak.Run(bounded, o)
		cancel()
		if report != nil {
			reports = append(reports, report)
			wrong += report.Wrong()
			o.Seed = report.Seed
		}
		if err != nil {
			return errors.Join(soak.Print(os.Stdout, reports...), err)
		}
	}
	if err := soak.Print(os.Stdout, reports...); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d things are wrong", wrong)
	}
	return nil
}
