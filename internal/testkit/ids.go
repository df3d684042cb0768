package testkit

import "strings"

// BadIDs returns escaped path segments that are no valid ids.
func BadIDs() map[string]string {
	return map[string]string{
		"other kind":         "x-00001",
		"no number":          "d-",
		"short":              "d-1",
		"too many zeros":     "d-000001",
		"too long":           "d-99999999",
		"very long":          "d-" + strings.Repeat("1", 4<<10),
		"negative":           "d--0001",
		"zero":               "d-00000",
		"letters":            "d-0000x",
		"upper case":         "D-00001",
		"space at the end":   "d-00001%20",
		"line break":         "d-00001%0a",
		"header injection":   "d-00001%0d%0aSet-Cookie:%20a=b",
		"null byte":          "d-00001%00",
		"not ASCII":          "d-%C3%A9%F0%9F%92%A5",
		"Arabic digits":      "d-%D9%A0%D9%A0%D9%A0%D9%A0%D9%A1",
		"not UTF-8":          "d-%FF%FE",
		"climbing":           "..",
		"climbing, encoded":  "%2e%2e%2fadmin%2ffault",
		"climbing, twice":    "..%252f..%252fetc%252fpasswd",
		"backslashes":        "..%5c..%5cetc",
		"other host":         "%2f%2fexample.com%2f",
		"URL":                "http:%2f%2f127.0.0.1:1%2f",
		"query in it":        "d-00001%3fx=1",
		"fragment in it":     "d-00001%23x",
		"semicolon":          "d-00001;x=1",
		"template":           "%7b%7b7*7%7d%7d",
		"list":               "d-00001,d-00002",
		"not a number":       "NaN",
		"merchant too high":  "m-011",
		"merchant too short": "m-1",
	}
}
