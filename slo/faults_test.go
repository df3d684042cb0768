package slo_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/slo"
)

const queries = `        error_query: rate(errors_total[{{.window}}])
        total_query: rate(requests_total[{{.window}}])
`

const goodSLOs = `slos:
  - name: availability
    objective: 99
    sli:
      events:
` + queries + `    alerting:
      name: ShopBudgetBurn
      labels:
        team: deals
`

const goodSpec = `version: prometheus/v1
service: shop
` + goodSLOs

const goodWindows = `apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 30d
  page:
    quick: {errorBudgetPercent: 2, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 10, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 10, shortWindow: 6h, longWindow: 3d}
`

// catalogOf returns a valid catalog with files replaced or added.
func catalogOf(files map[string]string) fstest.MapFS {
	catalog := fstest.MapFS{
		"specs/shop.yaml":  {Data: []byte(goodSpec)},
		"windows/30d.yaml": {Data: []byte(goodWindows)},
	}
	for name, content := range files {
		catalog[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return catalog
}

func TestValidCatalog(t *testing.T) {
	t.Parallel()
	_, err := slo.Load(catalogOf(nil))
	require.NoError(t, err)
}

func TestInvalidSpecs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string // what is replaced in the good spec
		faults   string
	}{
		"unknown fields, all reported": {
			"    objective: 99\n", "    objektive: 99\n    target: 1\n",
			"specs/shop.yaml:4: slos[0].objective: got 0, want more than 0 and less than 100\n" +
				"specs/shop.yaml:5: slos[0].objektive: is an unknown field\n" +
				"specs/shop.yaml:6: slos[0].target: is an unknown field",
		},
		"a plugin of Sloth": {
			"service: shop\n", "service: shop\nslo_plugins: {chain: []}\n",
			"specs/shop.yaml:3: slo_plugins: is an unknown field",
		},
		"another version": {
			"prometheus/v1", "prometheus/v2",
			`specs/shop.yaml:1: version: got "prometheus/v2", want prometheus/v1`,
		},
		"no version": {
			"version: prometheus/v1\n", "",
			`specs/shop.yaml: version: got "", want prometheus/v1`,
		},
		"a service with a space": {
			"service: shop", "service: my shop",
			`specs/shop.yaml:2: service: got "my shop", want letters, digits, '-', '_' and '.'; first and last a letter or digit`,
		},
		"a name that ends with a dash": {
			"name: availability", "name: availability-",
			`specs/shop.yaml:4: slos[0].name: got "availability-", want letters, digits, '-', '_' and '.'; first and last a letter or digit`,
		},
		"a description with a template": {
			"    objective: 99\n", "    objective: 99\n    description: It is {{ $value }}.\n",
			"specs/shop.yaml:6: slos[0].description: must not contain a template",
		},
		"an objective in words": {
			"objective: 99", "objective: high",
			"specs/shop.yaml:5: slos[0].objective: got \"high\", want a number",
		},
		"an objective without a budget": {
			"objective: 99", "objective: 100",
			"specs/shop.yaml:5: slos[0].objective: got 100, want more than 0 and less than 100",
		},
		"a zero objective": {
			"objective: 99", "objective: 0",
			"specs/shop.yaml:5: slos[0].objective: got 0, want more than 0 and less than 100",
		},
		"an objective that is not a number": {
			"objective: 99", "objective: .nan",
			"specs/shop.yaml:5: slos[0].objective: got NaN, want more than 0 and less than 100",
		},
		"an objective whose alerts can't fire": {
			"objective: 99", "objective: 90",
			"specs/shop.yaml:5: slos[0].objective: with windows/30d.yaml: the page over 1h fires at a burn rate of 14.4, but the maximum is 10",
		},
		"the same field twice": {
			"    objective: 99\n", "    objective: 99\n    objective: 98\n",
			`specs/shop.yaml:6: slos[0].objective: is already set on line 5`,
		},
		"no SLI": {
			"      events:\n" + queries, "",
			"specs/shop.yaml:6: slos[0].sli: must have either events or raw",
		},
		"two SLIs": {
			"      events:\n", "      raw: {error_ratio_query: 'x[{{.window}}]'}\n      events:\n",
			"specs/shop.yaml:6: slos[0].sli: must have either events or raw",
		},
		"a query without its window": {
			"errors_total[{{.window}}]", "errors_total[5m]",
			"specs/shop.yaml:8: slos[0].sli.events.error_query: must contain {{.window}} as the range",
		},
		"a query that is missing": {
			"        total_query: rate(requests_total[{{.window}}])\n", "",
			"specs/shop.yaml:7: slos[0].sli.events.total_query: must contain {{.window}} as the range",
		},
		"a query with another template": {
			"requests_total[{{.window}}]", "requests_total{job='{{.job}}'}[{{.window}}]",
			"specs/shop.yaml:9: slos[0].sli.events.total_query: contains a template other than {{.window}}",
		},
		"an alert without a name": {
			"      name: ShopBudgetBurn\n", "",
			"specs/shop.yaml:10: slos[0].alerting.name: is empty",
		},
		"invalid labels": {
			"        team: deals\n", "        my-team: deals\n        sloth_id: mine\n        empty: ''\n",
			"specs/shop.yaml:13: slos[0].alerting.labels.my-team: the name may have letters, digits and '_', and must not begin with a digit\n" +
				"specs/shop.yaml:14: slos[0].alerting.labels.sloth_id: is reserved: the rules or Prometheus set it\n" +
				"specs/shop.yaml:15: slos[0].alerting.labels.empty: is empty",
		},
		"an empty annotation": {
			"      labels:\n        team: deals\n", "      ticket_alert: {annotations: {summary: ''}}\n",
			"specs/shop.yaml:12: slos[0].alerting.ticket_alert.annotations.summary: is empty",
		},
		"no objectives": {
			goodSLOs, "slos: []\n",
			"specs/shop.yaml:3: slos: is empty",
		},
		"empty": {
			goodSpec, "# nothing yet\n",
			"specs/shop.yaml: is empty",
		},
		"a list": {
			goodSpec, "- version: prometheus/v1\n",
			"specs/shop.yaml: got a list, want fields",
		},
		"invalid YAML": {
			"slos:\n", "slos: [\n",
			"specs/shop.yaml: yaml: line 3: did not find expected node content",
		},
		"two documents": {
			goodSpec, goodSpec + "---\n" + goodSpec,
			"specs/shop.yaml: got more than one document, want one",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, goodSpec, test.from)
			wrong := strings.Replace(goodSpec, test.from, test.to, 1)
			_, err := slo.Load(catalogOf(map[string]string{"specs/shop.yaml": wrong}))
			require.Error(t, err)
			assert.Equal(t, test.faults, err.Error())
		})
	}
}

func TestInvalidWindows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to string // what is replaced in the good windows
		faults   string
	}{
		"another format": {
			"apiVersion: sloth.slok.dev/v1\nkind: AlertWindows", "apiVersion: v1\nkind: Windows",
			"windows/30d.yaml:1: apiVersion: got \"v1\", want sloth.slok.dev/v1\n" +
				"windows/30d.yaml:2: kind: got \"Windows\", want AlertWindows",
		},
		"invalid durations, all reported": {
			"shortWindow: 5m, longWindow: 1h", "shortWindow: 5, longWindow: soon",
			"windows/30d.yaml:6: spec.page.quick.shortWindow: got \"5\", want a duration such as 5m, 1h or 30d\n" +
				"windows/30d.yaml:6: spec.page.quick.longWindow: got \"soon\", want a duration such as 5m, 1h or 30d",
		},
		"no period": {
			"  sloPeriod: 30d\n", "",
			"windows/30d.yaml:3: spec.sloPeriod: got 0s, want more than 0s",
		},
		"a window is missing": {
			"    slow: {errorBudgetPercent: 10, shortWindow: 6h, longWindow: 3d}\n", "",
			"windows/30d.yaml:8: spec.ticket.slow: is missing",
		},
		"a long window shorter than the short one": {
			"shortWindow: 30m, longWindow: 6h", "shortWindow: 6h, longWindow: 30m",
			"windows/30d.yaml:7: spec.page.slow.longWindow: got 30m, want more than the short window of 6h",
		},
		"a window longer than the period": {
			"longWindow: 3d", "longWindow: 31d",
			"windows/30d.yaml:10: spec.ticket.slow.longWindow: got 31d, want less than the period of 30d",
		},
		"more than the budget": {
			"errorBudgetPercent: 2,", "errorBudgetPercent: 200,",
			"windows/30d.yaml:6: spec.page.quick.errorBudgetPercent: got 200, want more than 0 and at most 100",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, goodWindows, test.from)
			wrong := strings.Replace(goodWindows, test.from, test.to, 1)
			_, err := slo.Load(catalogOf(map[string]string{"windows/30d.yaml": wrong}))
			require.Error(t, err)
			assert.Equal(t, test.faults, err.Error())
		})
	}
}

func TestInvalidCatalogs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		catalog fstest.MapFS
		faults  string
	}{
		"nothing": {
			fstest.MapFS{},
			"specs: contains no .yaml file\nwindows: contains no .yaml file",
		},
		"mistakes in several files": {
			catalogOf(map[string]string{
				"specs/shop.yaml":  strings.Replace(goodSpec, "objective: 99", "objective: 101", 1),
				"windows/30d.yaml": strings.Replace(goodWindows, "kind: AlertWindows", "kind: Windows", 1),
			}),
			"specs/shop.yaml:5: slos[0].objective: got 101, want more than 0 and less than 100\n" +
				"windows/30d.yaml:2: kind: got \"Windows\", want AlertWindows",
		},
		"windows whose name can't be in a service name": {
			catalogOf(map[string]string{"windows/lab time.yaml": goodWindows}),
			`windows/lab time.yaml: got "lab time", want letters, digits, '-', '_' and '.'; first and last a letter or digit`,
		},
		"the same objective twice": {
			catalogOf(map[string]string{"specs/other.yaml": goodSpec}),
			"specs/shop.yaml:4: slos[0].name: the id shop-availability is already used in specs/other.yaml",
		},
		"the same id from different names": {
			catalogOf(map[string]string{
				"specs/a.yaml": strings.NewReplacer("service: shop", "service: shop-a", "name: availability", "name: b").Replace(goodSpec),
				"specs/b.yaml": strings.Replace(goodSpec, "name: availability", "name: a-b", 1),
			}),
			"specs/b.yaml:4: slos[0].name: the id shop-a-b is already used in specs/a.yaml",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := slo.Load(test.catalog)
			require.Error(t, err)
			assert.Equal(t, test.faults, err.Error())
		})
	}
}

// Every spec is either rejected or produces the same rules each time.
func FuzzSpec(f *testing.F) {
	f.Add(goodSpec)
	f.Add("slos: [{sli: {raw: {error_ratio_query: '{{.window}}'}}}]")
	f.Add("labels: &a {a: *a}")
	f.Fuzz(func(t *testing.T, spec string) {
		catalog, err := slo.Load(catalogOf(map[string]string{"specs/shop.yaml": spec}))
		if err != nil {
			return
		}
		first, err := catalog.Files()
		require.NoError(t, err)
		second, err := catalog.Files()
		require.NoError(t, err)
		assert.Equal(t, first, second)
	})
}
