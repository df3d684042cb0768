package experience_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"deals.example/internal/problem"
)

// noNumbers returns JSON values that are not whole numbers from minimum to maximum, and invalid JSON.
func noNumbers(minimum, maximum int) map[string]string {
	return map[string]string{
		"below the minimum": strconv.Itoa(minimum - 1), "above the maximum": strconv.Itoa(maximum + 1), "negative": "-1", "huge": "1000000000",
		"beyond int64": "9223372036854775808", "beyond numbers": "1e400", "fraction": "1.5", "exponent": "2e1", "text": `"2"`,
		"empty text": `""`, "true": "true", "array": "[2]", "object": `{"n":2}`, "NaN": "NaN", "Infinity": "-Infinity", "hexadecimal": "0x10",
	}
}

// noTexts returns JSON values that are not strings, and invalid JSON.
func noTexts() map[string]string {
	return map[string]string{"number": "1", "true": "true", "array": `["a"]`, "object": `{"a":"b"}`, "NaN": "NaN", "single quotes": "'a'"}
}

// nasty returns strings that are not valid ids or names.
func nasty() map[string]string {
	return map[string]string{
		"spaces": "  ", "not ASCII": "é💥", "not ASCII, escaped": `\ud83d\udca5`, "half a character": `\ud83d`, "null byte": `\u0000`,
		"path traversal": "../../etc/passwd", "path traversal, encoded": "%2e%2e%2fadmin", "other host": "//example.com/", "URL": "http://127.0.0.1:1/",
		"line break": `a\r\nSet-Cookie: a=b`, "query": "d-00001?x=1", "template": "{{7*7}}", "not UTF-8": "\xff\xfe", "long": strings.Repeat("a", 64<<10),
	}
}

// fields returns requests in which one field has each of the values. rest is the other fields.
func fields(path, field, rest string, values map[string]string) requests {
	out := requests{}
	for name, value := range values {
		out[field+" "+name] = bad(http.MethodPost, path, fmt.Sprintf(`{%q:%s%s}`, field, value, rest))
	}
	return out
}

func quoted(values map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range values {
		out[name] = `"` + value + `"`
	}
	return out
}

// bodies returns requests with bodies that every endpoint must reject.
func bodies(path, good string) requests {
	out := requests{
		"unknown field":            bad(http.MethodPost, path, strings.TrimSuffix(good, "}")+`,"admin":true}`),
		"unknown field, prototype": bad(http.MethodPost, path, `{"__proto__":{}}`),
		"unknown field, injection": bad(http.MethodPost, path, `{"a\r\nSet-Cookie: a=b":1}`),
		"unknown field, long":      bad(http.MethodPost, path, `{"`+strings.Repeat("a", 64<<10)+`":1}`),
		"null":                     bad(http.MethodPost, path, `null`),
		"array":                    bad(http.MethodPost, path, `[`+good+`]`),
		"text":                     bad(http.MethodPost, path, `"body"`),
		"number":                   bad(http.MethodPost, path, `1`),
		"cut":                      bad(http.MethodPost, path, strings.TrimSuffix(good, "}")),
		"two values":               bad(http.MethodPost, path, good+good),
		"more after it":            bad(http.MethodPost, path, good+"]"),
		"no JSON":                  bad(http.MethodPost, path, `dealId=d-00001`),
		"byte order mark":          bad(http.MethodPost, path, "\ufeff"+good),
		"deep objects":             bad(http.MethodPost, path, strings.Repeat(`{"a":`, 100_000)+"1"+strings.Repeat("}", 100_000)),
		"deep arrays":              bad(http.MethodPost, path, strings.Repeat("[", 500_000)),
		"only spaces":              bad(http.MethodPost, path, strings.Repeat(" ", 1<<16)),
		"2 MiB":                    {http.MethodPost, path, `{"payload":"` + strings.Repeat("a", 2<<20) + `"}`, nil, 413, problem.CodeBodyTooLarge},
		"2 MiB of spaces":          {http.MethodPost, path, strings.Repeat(" ", 2<<20), nil, 413, problem.CodeBodyTooLarge},
		"empty": {
			http.MethodPost, path, "", http.Header{"Content-Type": {"application/json"}}, http.StatusBadRequest, problem.CodeInvalidArgument,
		},
	}
	for name, kind := range map[string]string{
		"form": "application/x-www-form-urlencoded", "text": "text/plain", "XML": "application/xml", "no type": "", "half a type": "application",
		"type with nonsense": `application/json; charset="`, "JSON of a kind": "application/vnd.api+json", "list of types": "application/json, text/plain",
		"long type": strings.Repeat("a", 8<<10),
	} {
		out["content type "+name] = request{http.MethodPost, path, good, http.Header{"Content-Type": {kind}}, 415, problem.CodeUnsupportedMedia}
	}
	return out
}

// methods returns requests with every method but one.
func methods(path string, only string) requests {
	out := requests{}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"} {
		if method != only {
			out["method "+method] = request{method, path, "", nil, http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed}
		}
	}
	return out
}
