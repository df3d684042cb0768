package sizing

import (
	"fmt"
	"math"
	"time"

	"deals.example/internal/strict"
)

// Bounds of a demand.
const (
	MaxRate        = 1e9 // requests, or jobs, a second
	MaxDeals       = 1_000_000_000
	MaxCities      = 100 // as many as the setting CITIES takes
	MaxRegions     = 100
	MaxSpare       = 100
	MinUtilization = 0.05
	MaxUtilization = 0.95
	MaxScrape      = 5 * time.Minute
)

// Demand is what the platform has to do. All rates are those of the busiest second, in all regions together.
type Demand struct {
	RPS         float64       `json:"rps"`         // requests of visitors a second
	Details     float64       `json:"details"`     // share of the requests that read one deal
	Purchases   float64       `json:"purchases"`   // share of the requests that buy; the rest read lists
	Jobs        float64       `json:"jobs"`        // enrichment jobs a second, from batches
	Deals       int           `json:"deals"`       // deals that have a card
	Cities      int           `json:"cities"`      // each has one page of the catalog that visitors read
	Regions     int           `json:"regions"`     // of several, any one may be lost
	Utilization float64       `json:"utilization"` // how busy a part may be, from 0 to 1
	Spare       int           `json:"spare"`       // instances of each part beyond what the demand needs
	Scrape      time.Duration `json:"-"`           // time between two scrapes
}

// Faults returns what is wrong with the demand. A fault is named after its field in JSON, or "scrape".
func (d Demand) Faults() []strict.Fault {
	var faults []strict.Fault
	want := func(allowed bool, field string, got any, wanted string) {
		if !allowed {
			faults = append(faults, strict.Wrong(field, fmt.Sprint(got), wanted))
		}
	}
	want(d.RPS > 0 && d.RPS <= MaxRate, "rps", d.RPS, "a number over 0 and at most 1e9, requests a second")
	want(d.Jobs >= 0 && d.Jobs <= MaxRate, "jobs", d.Jobs, "a number from 0 to 1e9, jobs a second")
	want(isShare(d.Details), "details", d.Details, "a share from 0 to 1")
	want(isShare(d.Purchases), "purchases", d.Purchases, "a share from 0 to 1")
	if isShare(d.Details) && isShare(d.Purchases) {
		want(d.Details+d.Purchases <= 1, "details", d.Details+d.Purchases, "at most 1 together with purchases")
	}
	want(d.Deals >= 1 && d.Deals <= MaxDeals, "deals", d.Deals, "a whole number from 1 to 1,000,000,000")
	want(d.Cities >= 1 && d.Cities <= MaxCities, "cities", d.Cities, "a whole number from 1 to 100")
	want(d.Regions >= 1 && d.Regions <= MaxRegions, "regions", d.Regions, "a whole number from 1 to 100")
	want(d.Spare >= 0 && d.Spare <= MaxSpare, "spare", d.Spare, "a whole number from 0 to 100")
	want(d.Utilization >= MinUtilization && d.Utilization <= MaxUtilization, "utilization", d.Utilization, "a number from 0.05 to 0.95")
	want(d.Scrape >= time.Second && d.Scrape <= MaxScrape, "scrape", d.Scrape, "1s to 5m0s")
	return faults
}

func isShare(value float64) bool { return value >= 0 && value <= 1 }

// regional returns the share of the demand that each region must carry: all of it when there is one, otherwise what is left for each when
// one is lost.
func (d Demand) regional() float64 { return 1 / math.Max(1, float64(d.Regions-1)) }

// times returns the demand with its rates multiplied.
func (d Demand) times(factor float64) Demand {
	d.RPS *= factor
	d.Jobs *= factor
	return d
}
