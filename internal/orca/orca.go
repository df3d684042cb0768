// Package orca writes and reads how loaded a server is, in the header that ORCA (Open Request Cost Aggregation) defines for HTTP: see
// https://github.com/cncf/xds/blob/main/xds/data/orca/v3/orca_load_report.proto. Only application_utilization is used, which "may be larger
// than 1" in a server that has more requests than it can serve.
package orca

import (
	"math"
	"net/http"
	"strconv"
	"strings"
)

// Header is the name of the header.
const Header = "Endpoint-Load-Metrics"

const (
	format      = "TEXT "
	utilization = "application_utilization="
)

// Set reports a utilization in h.
func Set(h http.Header, u float64) {
	h.Set(Header, format+utilization+strconv.FormatFloat(u, 'f', 3, 64))
}

// Get returns the utilization that h reports. ok is false when it reports none, or one that is no positive number.
func Get(h http.Header) (u float64, ok bool) {
	text, found := strings.CutPrefix(h.Get(Header), format)
	if !found {
		return 0, false
	}
	for metric := range strings.SplitSeq(text, ",") {
		if value, found := strings.CutPrefix(strings.TrimSpace(metric), utilization); found {
			u, err := strconv.ParseFloat(value, 64)
			return u, err == nil && u > 0 && !math.IsInf(u, 0)
		}
	}
	return 0, false
}
