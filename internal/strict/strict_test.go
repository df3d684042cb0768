package strict_test

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/strict"
)

type order struct {
	DealID   string   `json:"dealId" maxLength:"16"`
	Quantity int      `json:"quantity" minimum:"1" maximum:"10"`
	Share    *float64 `json:"share,omitempty" minimum:"0" maximum:"1"`
	Gift     *bool    `json:"gift"`
	Speed    string   `json:"speed" enum:"slow,fast"`
}

func TestJSON(t *testing.T) {
	half, yes := 0.5, true
	tests := map[string]struct {
		body string
		want order
	}{
		"empty":  {` {} `, order{Quantity: 2}},
		"null":   {`{"quantity":null,"share":null}`, order{Quantity: 2}},
		"all":    {`{"dealId":"d-00001","quantity":10,"share":0.5,"gift":true,"speed":"fast"}`, order{"d-00001", 10, &half, &yes, "fast"}},
		"script": {`{"dealId":"ééééééééé"}`, order{DealID: "ééééééééé", Quantity: 2}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := order{Quantity: 2}
			require.NoError(t, strict.JSON([]byte(tc.body), &got))
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestFaultsOfJSON(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"empty":         {``, `body: got unexpected end of JSON input at byte 0, want one JSON object`},
		"null":          {` null`, `body: got " null", want one JSON object`},
		"array":         {`[]`, `body: got "[]", want one JSON object`},
		"cut":           {`{"dealId":`, `body: got unexpected end of JSON input at byte 10, want one JSON object`},
		"not JSON":      {`dealId=1`, `body: got invalid character 'd' looking for beginning of value at byte 1, want one JSON object`},
		"two values":    {`{"quantity":1}{}`, `body: got invalid character '{' after top-level value at byte 15, want one JSON object`},
		"deep":          {strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000), "body: got invalid character '{' exceeded max depth at byte 50001, want one JSON object"},
		"unknown field": {`{"price":1,"cost":1}`, `body: got unknown field "cost", want one of dealId, quantity, share, gift, speed`},
		"other case":    {`{"dealid":"d-1"}`, `body: got unknown field "dealid", want one of dealId, quantity, share, gift, speed`},
		"fraction":      {`{"quantity":1.5}`, `quantity: got 1.5, want a whole number from 1 to 10`},
		"below":         {`{"quantity":0}`, `quantity: got 0, want a whole number from 1 to 10`},
		"huge":          {`{"share":1e400}`, `share: got 1e400, want a number from 0 to 1`},
		"long":          {`{"dealId":"` + strings.Repeat("a", 99) + `"}`, `dealId: got "` + strings.Repeat("a", 79) + `…, want a text of at most 16 characters`},
		"all at once": {
			`{"dealId":1,"share":1.1,"gift":"no","speed":"warp","price":1}`,
			`dealId: got 1, want a text of at most 16 characters
share: got 1.1, want a number from 0 to 1
gift: got "no", want true or false
speed: got "warp", want one of slow, fast
body: got unknown field "price", want one of dealId, quantity, share, gift, speed`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, strict.JSON([]byte(tc.body), new(order)), tc.want)
		})
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"dealId":"d-00001","quantity":1}`, `{"quantity":1e9}`, `[{}]`, `{"dealId":"\ud800"}`, "null", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := order{Quantity: 1}
		if err := strict.JSON(body, &got); err != nil {
			assert.Less(t, len(err.Error()), 3000)
			return
		}
		assert.True(t, got.Quantity >= 1 && got.Quantity <= 10)
	})
}

type catalog struct {
	Name  string `yaml:"title"`
	Every model.Duration
	Items []struct {
		Count int `json:"count" minimum:"1" maximum:"9"`
	}
	Tags map[string]string
}

func TestYAML(t *testing.T) {
	var got catalog
	d := strict.YAML("a.yaml", []byte("title: x\nevery: 5m\nitems: [{count: 1}, {count: 2}]\ntags: {a: b}\n"), &got)
	require.NoError(t, d.Err())
	assert.Equal(t, "x", got.Name)
	assert.Equal(t, "5m", got.Every.String())
	assert.Equal(t, 2, got.Items[1].Count)
	assert.Equal(t, map[string]string{"a": "b"}, got.Tags)
}

func TestFaultsOfYAML(t *testing.T) {
	d := strict.YAML("a.yaml", []byte("title: [x]\nevery: soon\nitems:\n  - count: 1\n    size: 2\n  - count: many\n  - count: 0\ntitle: y\n"), new(catalog))
	d.Want(false, "every", "soon", "nothing more, since the field has a fault")
	d.Want(false, "tags", 0, "more than 0")
	d.Expect(true, "items", "is fine")
	d.Expect(false, "items[0].label", "is empty")
	assert.EqualError(t, d.Err(), `a.yaml: tags: got 0, want more than 0
a.yaml:2: every: got "soon", want a duration such as 5m, 1h or 30d
a.yaml:4: items[0].label: is empty
a.yaml:5: items[0].size: is an unknown field
a.yaml:6: items[1].count: got "many", want a whole number
a.yaml:7: items[2].count: got "0", want a whole number from 1 to 9
a.yaml:8: title: got a list, want a text`)
}
