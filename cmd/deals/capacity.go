package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"deals.example/internal/platform"
	"deals.example/internal/sizing"
)

// nextLimits is how many limits are shown beyond those that the demand reaches.
const nextLimits = 3

// capacityCmd is `deals capacity`.
type capacityCmd struct {
	RPS         float64       `name:"rps" required:"" placeholder:"N" help:"Requests per second in the busiest second, over 0, at most 1e9."`
	Jobs        float64       `placeholder:"M" help:"Enrichment jobs per second from batches, 0 to 1e9."`
	Details     float64       `default:"0.09" help:"Share of the requests that read one deal, 0 to 1."`
	Purchases   float64       `default:"0.01" help:"Share of the requests that buy, 0 to 1; the rest read lists."`
	Deals       int           `default:"220" help:"Deals that have a card, 1 to 1,000,000,000."`
	Cities      int           `default:"7" help:"Cities, 1 to 100: each has a page of the catalog that visitors read."`
	Regions     int           `default:"1" help:"Regions, 1 to 100. If there are several, any one may be lost."`
	Utilization float64       `default:"0.6" help:"How busy a part may be, 0.05 to 0.95; see docs/scaling.md."`
	Spare       int           `default:"2" help:"Instances of each component beyond the need, 0 to 100."`
	Scrape      time.Duration `default:"${scrape}" help:"Time between two scrapes of Prometheus, 1s to 5m."`
	JSON        bool          `name:"json" help:"Print the plan as JSON."`
}

// Help is shown after the flags.
func (capacityCmd) Help() string {
	return `Computes what one region needs for a demand, and in which order single parts reach their limits while the demand grows
to it. It needs no running platform. It computes with constants that were measured on one small machine; those of Mimir,
Tempo, Loki and Redis Cluster are what their makers state. docs/scaling.md has them all, with the command that measured
each, and says what was not measured.`
}

// capacityVars returns the defaults in the help.
func capacityVars() kong.Vars { return kong.Vars{"scrape": platform.ScrapeInterval.String()} }

// Run prints the plan.
func (c *capacityCmd) Run(sys *system) error {
	demand := sizing.Demand{
		RPS: c.RPS, Details: c.Details, Purchases: c.Purchases, Jobs: c.Jobs, Deals: c.Deals, Cities: c.Cities, Regions: c.Regions,
		Utilization: c.Utilization, Spare: c.Spare, Scrape: c.Scrape,
	}
	var faults []error
	for _, fault := range demand.Faults() {
		fault.Where = "--" + fault.Where
		faults = append(faults, fault)
	}
	if len(faults) > 0 {
		return usageError{errors.Join(faults...)}
	}
	constants, err := sizing.Load()
	if err != nil {
		return err
	}
	plan, err := sizing.Compute(constants, demand)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(sys.stdout, plan)
	}
	return printPlan(sys.stdout, plan)
}

func printPlan(out io.Writer, plan sizing.Plan) error {
	d := plan.Demand
	fmt.Fprintf(out, "%s requests and %s jobs per second", amount(d.RPS), amount(d.Jobs))
	if d.Regions > 1 {
		fmt.Fprintf(out, " in %d regions, of which any %d carry it all. In each region", d.Regions, d.Regions-1)
	}
	fmt.Fprint(out, ":\n\n")
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintln(table, "PART\tCOUNT\tEACH\tNEED\tFROM")
	for _, item := range plan.Bill {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", item.Part, sizing.Whole(float64(item.Count)), item.Each, item.Need, item.From())
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "ONE OF\tWITH\tENDS AT\tTHEN")
	for _, limit := range plan.Before(nextLimits) {
		fmt.Fprintf(table, "%s, %s\t%s\t%s\t%s\n", limit.Part, limit.Of, limit.Amount(), endsAt(limit), limit.Then)
	}
	return table.Flush()
}

// amount writes a rate as it was given, grouped by thousands if it is whole.
func amount(rate float64) string {
	if rate == math.Trunc(rate) {
		return sizing.Whole(rate)
	}
	return strconv.FormatFloat(rate, 'f', -1, 64)
}

func endsAt(limit sizing.Limit) string {
	if limit.RPS == 0 {
		return "once it starts"
	}
	return sizing.Number(limit.RPS) + " requests/s"
}
