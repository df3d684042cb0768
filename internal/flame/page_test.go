package flame_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"deals.example/internal/flame"
	"deals.example/internal/testkit"
)

// page is the page of a report, parsed as a browser does.
type page struct{ root *html.Node }

func newPage(t *testing.T, report flame.Report) page {
	t.Helper()
	file, err := os.Open(filepath.Join(report.Dir, flame.PageFile))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	root, err := html.Parse(file)
	require.NoError(t, err)
	return page{root}
}

// all returns the elements of that name.
func (p page) all(name string) []*html.Node {
	var found []*html.Node
	for node := range p.root.Descendants() {
		if node.Type == html.ElementNode && node.Data == name {
			found = append(found, node)
		}
	}
	return found
}

// boxes are the frames of a graph.
func (p page) boxes(graph string) []*html.Node {
	var found []*html.Node
	for _, node := range p.all("svg") {
		if node.Parent != nil && attribute(node.Parent, "id") == graph {
			found = append(found, node)
		}
	}
	return found
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is all text in a node.
func textOf(node *html.Node) string {
	var text strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			text.WriteString(inner.Data)
		}
	}
	return text.String()
}

// drawn is how a box is drawn: name, place, width, row and colour.
func drawn(box *html.Node) [5]string {
	name, _, _ := strings.Cut(textOf(box.FirstChild), "\n")
	_, colour, _ := strings.Cut(attribute(box, "class"), " ")
	return [5]string{name, attribute(box, "x"), attribute(box, "width"), attribute(box, "y"), colour}
}

func TestGraphs(t *testing.T) {
	t.Parallel()
	p := newPage(t, compared(t,
		testkit.CPUProfile(time.Minute, stacks{"main;a;b": 30, "main;a": 10, "main;c": 60}),
		testkit.CPUProfile(time.Minute, stacks{"main;a;b": 30, "main;a": 10, "main;d": 20}),
	))
	for graph, want := range map[string][][5]string{
		// c, a and d took 60, 80 and 20 in both together: a comes first, then c.
		"base": {
			{"all", "0.0000%", "100.0000%", "0"},
			{"main", "0.0000%", "100.0000%", "19"},
			{"a", "0.0000%", "40.0000%", "38"},
			{"b", "0.0000%", "30.0000%", "57"},
			{"c", "40.0000%", "60.0000%", "38"},
		},
		"compare": {
			{"all", "0.0000%", "100.0000%", "0"},
			{"main", "0.0000%", "100.0000%", "19"},
			{"a", "0.0000%", "66.6667%", "38"},
			{"b", "0.0000%", "50.0000%", "57"},
			{"d", "66.6667%", "33.3333%", "38"},
		},
		// 160 in all. c lost 60, the most of all: full blue. The whole lost 40: the root of 2/3, 0.82 of 4, is 4 too. d won 20: 0.58 of 4.
		"diff": {
			{"all", "0.0000%", "100.0000%", "0", "down4"},
			{"main", "0.0000%", "100.0000%", "19", "down4"},
			{"a", "0.0000%", "50.0000%", "38", "same"},
			{"b", "0.0000%", "37.5000%", "57", "same"},
			{"c", "50.0000%", "37.5000%", "38", "down4"},
			{"d", "87.5000%", "12.5000%", "38", "up3"},
		},
	} {
		var got [][5]string
		for _, box := range p.boxes(graph) {
			one := drawn(box)
			if graph != "diff" {
				one[4] = ""
			}
			got = append(got, one)
		}
		assert.Equal(t, want, got, graph)
	}
}

func TestBoxesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	p := newPage(t, compared(t, testkit.CPUProfile(time.Minute, stacks{"net/http.(*conn).serve;a": 3, "b": 1}), testkit.CPUProfile(time.Minute, stacks{"net/http.(*conn).serve": 1})))
	boxes := p.boxes("diff")
	require.Len(t, boxes, 4)
	assert.Equal(t, "net/http.(*conn).serve\nwas.pb.gz 3 s, 75.0 % · is.pb.gz 1 s, 100.0 % · −2 s", textOf(boxes[1].FirstChild))
	assert.Equal(t, "http.(*conn).serve", textOf(boxes[1].LastChild))
	assert.Equal(t, []string{"treeitem", "2", "-1", "1"}, []string{
		attribute(boxes[1], "role"), attribute(boxes[1], "aria-level"), attribute(boxes[1], "tabindex"), attribute(boxes[1], "data-node"),
	})
	for _, graph := range []string{"base", "compare", "diff"} {
		stops := 0
		for _, box := range p.boxes(graph) {
			if attribute(box, "tabindex") == "0" {
				stops++
			}
		}
		assert.Equal(t, 1, stops, "Tab stops once in %s", graph)
	}
}

func TestHostileNamesStayText(t *testing.T) {
	t.Parallel()
	for name, hostile := range map[string]string{
		"script":    `<script>alert(1)</script>`,
		"title":     `</title></svg><img src=x onerror=alert(1)>`,
		"quotes":    `a" onload="alert(1)' x='`,
		"comment":   `--><!--`,
		"template":  `{{.Report}}`,
		"entity":    `&lt&amp&#60`,
		"no letter": "\u202e\u0000\n<",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := compared(t, testkit.CPUProfile(time.Minute, stacks{hostile: 3}), testkit.CPUProfile(time.Minute, stacks{"main": 1}))
			p := newPage(t, report)
			assert.Len(t, p.all("script"), 1)
			assert.Empty(t, p.all("img"))
			for node := range p.root.Descendants() {
				for _, a := range node.Attr {
					assert.False(t, strings.HasPrefix(a.Key, "on"), "%s has %s", node.Data, a.Key)
				}
			}
			require.Len(t, p.boxes("base"), 2)
			if !strings.Contains(hostile, "\u0000") {
				assert.True(t, strings.HasPrefix(textOf(p.boxes("base")[1].FirstChild), hostile+"\n"), "the title is the name")
			}
		})
	}
}

func TestPageAsksNobody(t *testing.T) {
	t.Parallel()
	report := compared(t, testkit.CPUProfile(time.Minute, stacks{"main;a": 3}), testkit.CPUProfile(time.Minute, stacks{"main": 1}))
	p := newPage(t, report)
	scripts, styles := p.all("script"), p.all("style")
	require.Len(t, scripts, 1)
	require.Len(t, styles, 1)
	assert.Equal(t, flame.PageSources{Script: hash(textOf(scripts[0])), Style: hash(textOf(styles[0]))}, report.CSP)
	var policy string
	for _, meta := range p.all("meta") {
		if attribute(meta, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(meta, "content")
		}
	}
	assert.Equal(t, "default-src 'none'; script-src "+report.CSP.Script+"; style-src "+report.CSP.Style+"; base-uri 'none'; form-action 'none'", policy)
	for node := range p.root.Descendants() {
		for _, a := range node.Attr {
			assert.NotEqual(t, "src", a.Key)
			assert.NotEqual(t, "style", a.Key, "the policy forbids styles of elements")
			assert.NotContains(t, a.Val, "://")
		}
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
