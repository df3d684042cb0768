// Package catalog computes the platform's data: deals, prices, stock, ratings and merchants. Nothing is stored; each value
// is a function of the number in a deal's id, so that every process, test and learner knows the right answer, and a catalog
// of a million deals costs no memory. The values of the first 220 deals are the same at every size.
package catalog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// MinSize and MaxSize bound a catalog.
const (
	MinSize = 220
	MaxSize = 1_000_000
)

// Currency of every amount.
const Currency = "EUR"

const merchants = 10

var (
	dealID     = regexp.MustCompile(`^d-([0-9]{5}|[1-9][0-9]{5,6})$`)
	merchantID = regexp.MustCompile(`^m-[0-9]{3}$`)
)

// ValidDealID reports whether id has the form of a deal's id: d- and the number, padded to five digits.
func ValidDealID(id string) bool { return dealID.MatchString(id) }

// ValidMerchantID reports whether id has the form of a merchant's id: m- and three digits.
func ValidMerchantID(id string) bool { return merchantID.MatchString(id) }

// Cities lists the cities in the order in which deals go round them.
func Cities() []string {
	return []string{"valencia", "madrid", "barcelona", "lisbon", "berlin", "paris", "rome"}
}

func categories() []string {
	return []string{"food", "wellness", "travel", "activities", "beauty", "home"}
}

// CanonicalCity returns the city's name as the catalog spells it, and whether there is such a city. Case does not count.
func CanonicalCity(name string) (string, bool) {
	for _, city := range Cities() {
		if strings.EqualFold(city, name) {
			return city, true
		}
	}
	return "", false
}

// Catalog is a range of deals. It is immutable and may be used concurrently.
type Catalog struct {
	size int
}

// New returns a catalog of the deals 1 to size; size is MinSize to MaxSize.
func New(size int) (*Catalog, error) {
	if size < MinSize || size > MaxSize {
		return nil, fmt.Errorf("size of the catalog: got %d, allowed: %d to %d", size, MinSize, MaxSize)
	}
	return &Catalog{size: size}, nil
}

// Deal returns the deal of that id, and whether there is one.
func (c *Catalog) Deal(id string) (Deal, bool) {
	n, ok := c.number(id)
	if !ok {
		return Deal{}, false
	}
	return deal(n), true
}

// Deals returns the first limit deals of a city, by number; an unknown city has none.
func (c *Catalog) Deals(city string, limit int) []Deal {
	cities := Cities()
	deals := make([]Deal, 0, max(limit, 0))
	for i, name := range cities {
		if !strings.EqualFold(name, city) {
			continue
		}
		for n := i + 1; n <= c.size && len(deals) < limit; n += len(cities) {
			deals = append(deals, deal(n))
		}
	}
	return deals
}

// Price returns the price of that deal, and whether there is such a deal.
func (c *Catalog) Price(id string) (Price, bool) {
	n, ok := c.number(id)
	if !ok {
		return Price{}, false
	}
	base, pct := basePrice(n), 10+n%55
	return Price{
		DealID: id, BasePrice: euros(base), DiscountPct: pct, Currency: Currency,
		FinalPrice: Money(base * (100 - pct)), // whole euros times whole percent left over are whole cents
	}, true
}

// Inventory returns the stock of that deal, and whether there is such a deal.
func (c *Catalog) Inventory(id string) (Inventory, bool) {
	n, ok := c.number(id)
	if !ok {
		return Inventory{}, false
	}
	stock := 13 * n % 120
	return Inventory{
		DealID: id, Stock: stock, Reserved: stock * 12 / 100,
		Available: stock > 5, LowInventory: stock < 15,
	}, true
}

// Rating returns the rating of that deal, and whether there is such a deal.
func (c *Catalog) Rating(id string) (Rating, bool) {
	n, ok := c.number(id)
	if !ok {
		return Rating{}, false
	}
	tenths := min(50, 32+n%18)
	return Rating{
		DealID: id, Rating: float64(tenths) / 10,
		ReviewCount: 20 + n%600, RecommendationRate: 72 + n%27,
	}, true
}

// Merchant returns the merchant of that id, and whether there is one.
func (c *Catalog) Merchant(id string) (Merchant, bool) {
	if !ValidMerchantID(id) {
		return Merchant{}, false
	}
	n, err := strconv.Atoi(id[2:])
	if err != nil || n < 1 || n > merchants {
		return Merchant{}, false
	}
	return merchant(n), true
}

func (c *Catalog) number(id string) (int, bool) {
	if !ValidDealID(id) {
		return 0, false
	}
	n, err := strconv.Atoi(id[2:])
	return n, err == nil && n >= 1 && n <= c.size
}

func basePrice(n int) int { return 15 + 7*(n-1)%120 }

func deal(n int) Deal {
	city, category := roundRobin(Cities(), n), roundRobin(categories(), n)
	return Deal{
		ID: fmt.Sprintf("d-%05d", n), Title: title(category, city, n), City: city, Category: category,
		MerchantID: merchant((n-1)%merchants + 1).ID, BasePrice: euros(basePrice(n)), Currency: Currency,
	}
}

func title(category, city string, n int) string {
	offers := map[string]string{
		"food": "Tasting menu for two", "wellness": "Spa day", "travel": "Weekend away",
		"activities": "Guided tour", "beauty": "Salon visit", "home": "Home service",
	}
	return fmt.Sprintf("%s in %s #%d", offers[category], strings.ToUpper(city[:1])+city[1:], n)
}

func merchant(n int) Merchant {
	names := []string{
		"Harbour Kitchen", "Still Water Spa", "Northbound Trips", "City Steps", "Atelier Nine",
		"Bright Homes", "Olive and Salt", "Quiet Garden", "Far Shore Travel", "Old Town Tours",
	}
	return Merchant{
		ID: fmt.Sprintf("m-%03d", n), Name: roundRobin(names, n), City: roundRobin(Cities(), n),
		Verified: n%4 != 0, Since: 2008 + n,
	}
}

func roundRobin(of []string, n int) string { return of[(n-1)%len(of)] }
