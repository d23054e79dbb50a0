package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

// figure is something that is measured.
type figure struct {
	name    string
	what    string // in words
	unit    string
	against string // the rival in words; empty if there is none
	clients int    // how many connections the load has; 0 where that is found out
	measure func(context.Context, *stage, figure) (result, error)
}

// figures are all of them, in the order they are measured in. Those that change nothing but memory come first, on a server that has done little.
var figures = []figure{
	{"startup_ms", "from the start of the program to /readyz, on a database with members", "ms", "", 0, measureStartup},
	{"startup_empty_ms", "from the start of the program to /readyz, on an empty database", "ms", "", 0, measureStartupEmpty},
	{"idle_memory_mib", "resident memory after some idle seconds, on a database with members", "MiB", "", 0, measureIdleMemory},
	{"home_handwritten", "the home screen by GraphQL", "screens/s", "a handler written by hand", 16, measureHome},
	{"interaction_single_1", "one purchase a mutation", "interactions/s", "pgbench, 1 client", 1, measureSingle},
	{"interaction_single_16", "one purchase a mutation", "interactions/s", "pgbench at its best", 16, measureSingle},
	{"interaction_single_64", "one purchase a mutation", "interactions/s", "pgbench at its best", 64, measureSingle},
	{"interaction_batch", "a hundred purchases a mutation", "interactions/s", "pgbench at its best", 0, measureBatch},
	{"interaction_single_64_seven", "one purchase a mutation", "interactions/s", sevenStatements, 64, measureSingle},
	{"interaction_batch_seven", "a hundred purchases a mutation", "interactions/s", sevenStatements, 0, measureBatch},
	{"hot_account", "one purchase a mutation, all of one member", "interactions/s", "the same of all members", 64, measureHotAccount},
	{"hot_budget", "one purchase a mutation, all of them on one budget", "interactions/s", "the same without a budget", 64, measureHotBudget},
	{"growth_rules", "five rules match, a thousand are active, of other events", "interactions/s", "the same with eight active", 16, measureRules},
	{"growth_rules_tried", "five rules match, a thousand are active, of the same event", "interactions/s", "the same with eight active", 16, measureRulesTried},
	{"growth_rules_50", "fifty rules match, a thousand are active", "interactions/s", "the same with eight active, of which five match", 16, measureRulesFifty},
	{"growth_rules_10", "five rules match, ten are active", "interactions/s", "the same with eight active", 16, rules(2, 0)},
	{"growth_rules_100", "five rules match, a hundred are active", "interactions/s", "the same with eight active", 16, rules(92, 0)},
	{"growth_rules_all_10", "ten rules match, all that there are of the event", "interactions/s", "five match", 16, rules(0, 5)},
	{"growth_rules_all_100", "a hundred rules match, all that there are of the event", "interactions/s", "five match", 16, rules(0, 95)},
	{"growth_rules_all_1000", "a thousand rules match, all that there are of the event", "interactions/s", "five match", 16, rules(0, 995)},
	{"profile", "one purchase a mutation, with 50 attributes and 30 metrics, of which it touches half", "interactions/s", "the same without them", 16, profiles(1)},
	{"profile_batch", "a hundred purchases a mutation, with 50 attributes and 30 metrics, of which each touches half", "interactions/s", "the same without them", 4, profiles(batchSize)},
	{"merge", "one purchase a mutation, while each second two members with ten thousand purchases each are merged", "interactions/s", "the same while nobody is merged", 16, measureMerge},
	{"simulate", "a past replayed under a draft, from the start of the command to its report", "interactions/s", "PostgreSQL streaming the same rows by one select", 0, measureSimulate},
	{"growth_movements", "one purchase a mutation, after millions of movements", "interactions/s", "the same after ten thousand", 16, measureMovements},
}

// sevenStatements is a rival.
const sevenStatements = "pgbench, seven statements, at its best"

// form is the form of a purchase that the figure's rival runs.
func (f figure) form() string {
	if f.against == sevenStatements {
		return formSeven
	}
	return formBest
}

// result is what was measured: the medians, and between what the value lay.
type result struct {
	Name    string   `json:"name"`
	Value   float64  `json:"value"`
	Unit    string   `json:"unit"`
	Rival   *float64 `json:"rival"` // the rival's value; null if there is none
	Ratio   *float64 `json:"ratio"` // value / rival
	Min     float64  `json:"min"`
	Max     float64  `json:"max"`
	Runs    int      `json:"runs"`
	against string
}

// resultOf is a figure's result from what its runs came to. There are as many of the rival's, or none.
func resultOf(f figure, ours, rivals []float64) result {
	r := result{Name: f.name, Value: median(ours), Unit: f.unit, Min: slices.Min(ours), Max: slices.Max(ours), Runs: len(ours), against: f.against}
	if len(rivals) > 0 {
		rival := median(rivals)
		ratio := r.Value / rival
		r.Rival, r.Ratio = &rival, &ratio
	}
	return r
}

// median is the middle one, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// side is one of the two that a figure is measured on: it works for the length of a run and tells how much it did in a second.
type side func(context.Context) (float64, error)

// inTurns measures both sides in turns and makes the figure's result of them.
func inTurns(ctx context.Context, s *stage, f figure, ours, rivals side) (result, error) {
	var figures [2][]float64
	profiled := s.takeProfile(ctx, f)
	for run := range s.plan.runs {
		for i, measure := range []side{ours, rivals} {
			if err := s.checkpoint(ctx); err != nil {
				return result{}, err
			}
			perSecond, err := measure(ctx)
			if err != nil {
				return result{}, err
			}
			figures[i] = append(figures[i], perSecond)
		}
		say("  run %d: %.0f %s, %s %.0f", run+1, figures[0][run], f.unit, f.against, figures[1][run])
	}
	return resultOf(f, figures[0], figures[1]), profiled()
}

// save writes a line per result.
func save(path string, results []result) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, r := range results {
		if err := encoder.Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(path, lines.Bytes(), 0o644)
}

// show prints a table.
func show(w io.Writer, results []result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "figure\tvalue\tmin\tmax\trival\tratio\t  unit, rival\t")
	for _, r := range results {
		rival, ratio, words := "", "", r.Unit
		if r.Rival != nil {
			rival, ratio, words = number(*r.Rival), fmt.Sprintf("%.2f", *r.Ratio), r.Unit+", "+r.against
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t  %s\t\n", r.Name, number(r.Value), number(r.Min), number(r.Max), rival, ratio, words)
	}
	_ = table.Flush()
}

// number writes a figure with as many digits as mean something.
func number(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
