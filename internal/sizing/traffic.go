package sizing

import "math"

// traffic is what happens in one region each second. What grows with the number of processes, and not with the requests, is what a plan for one
// machine misses: each API reads the cards and the pages of the catalog for itself.
type traffic struct {
	lists, details, purchases, batchJobs float64

	apiCores   float64 // busy
	apis       float64 // processes
	enrichers  float64
	criticals  float64
	cardReads  float64 // cards read from Redis
	cardWrites float64
	pages      float64 // calls for a page of the catalog
	jobs       float64 // from batches and from stale cards
}

// instances returns how many instances carry a need if each can carry one, with the utilization and the spare instances of the demand.
func (d Demand) instances(need, one float64) float64 {
	return math.Max(1, math.Ceil(need/(one*d.Utilization))+float64(d.Spare))
}

// newTraffic derives the traffic of one region.
func newTraffic(c *Measured, d Demand) traffic {
	share := d.regional()
	t := traffic{
		lists: share * d.RPS * (1 - d.Details - d.Purchases), details: share * d.RPS * d.Details, purchases: share * d.RPS * d.Purchases,
		batchJobs: share * d.Jobs,
	}
	t.apiCores = t.lists/c.ListsPerCore.Value + t.details/c.DetailsPerCore.Value + t.purchases/c.PurchasesPerCore.Value +
		t.batchJobs/c.BatchJobsPerCore.Value
	t.apis = d.instances(t.apiCores, ReplicaCores)
	cities := float64(d.Cities)
	snapshots := math.Min(t.lists, t.apis*cities/(renewedFrom*SnapshotAge.Seconds()))
	t.cardReads = PageSize*snapshots + t.details // a detail that is slow takes parts from its card
	t.pages = math.Min(t.lists, t.apis*cities/CatalogTTL.Seconds())
	t.jobs = t.batchJobs + math.Min(PageSize*t.lists, PageSize*cities/StaleAfter.Seconds())
	t.cardWrites = t.details + t.jobs
	t.enrichers = math.Max(d.instances(t.jobs*c.JobSeconds.Value, EnrichmentPlaces), d.instances(t.jobs/c.JobsPerCore.Value, ReplicaCores))
	t.criticals = math.Max(d.instances(t.purchases*c.PurchaseSeconds.Value, CriticalPlaces),
		d.instances(t.purchases/c.PurchasesPerWorkerCore.Value, ReplicaCores))
	return t
}

// service is a domain service with the calls it gets a second and how long it takes for one.
type service struct {
	name    string
	lookups float64
	seconds float64
	id      string // of the constant seconds
}

// busy returns how many lookups are served at a time, by Little's law: arrivals a second times the time of each (Little 1961).
func (s service) busy() float64 { return s.lookups * s.seconds }
