package slo_test

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// mutant is a rules file with one change.
type mutant struct {
	file   string
	rule   string // the changed rule
	alerts bool   // it is an alert
	change string
	groups []rulesGroup
}

// change is one way to change a value. reason says why the rules mean the same as before: then no test can catch it.
type change struct {
	what   string
	reason string
	do     func() (undo func())
}

// set changes a value.
func set[T any](at *T, to T, what string) change {
	return change{what: fmt.Sprintf("%s: %v instead of %v", what, to, *at), do: func() func() {
		before := *at
		*at = to
		return func() { *at = before }
	}}
}

// mutantsOf returns every mutant of a rules file, each with a single change in a rule. The interval of a group is not changed, since promtool
// evaluates all groups at the interval of the test; TestBurnRates compares it. Annotations are text.
func mutantsOf(file string, groups []rulesGroup) (mutants []mutant, equivalent map[string]int, err error) {
	equivalent = map[string]int{}
	for i := range groups {
		for j := range groups[i].Rules {
			rule := &groups[i].Rules[j]
			changes, err := rule.changes()
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %s: %w", file, rule.name(), err)
			}
			for _, one := range changes {
				if one.reason != "" {
					equivalent[one.reason]++
					continue
				}
				isAlert, name, undo := rule.Alert != "", rule.name(), one.do()
				mutants = append(mutants, mutant{file, name, isAlert, one.what, copied(groups)})
				undo()
			}
		}
	}
	return mutants, equivalent, nil
}

// copied returns a copy whose rules and labels can be read while the original changes.
func copied(groups []rulesGroup) []rulesGroup {
	all := slices.Clone(groups)
	for i := range all {
		all[i].Rules = slices.Clone(all[i].Rules)
		for j := range all[i].Rules {
			all[i].Rules[j].Labels = maps.Clone(all[i].Rules[j].Labels)
		}
	}
	return all
}

// changes returns the changes of a rule: of its name, labels and times, and of its expression.
func (r *rule) changes() ([]change, error) {
	var all []change
	for _, name := range []*string{&r.Record, &r.Alert} {
		if *name != "" {
			all = append(all, set(name, *name+"_other", "name"))
		}
	}
	for _, label := range slices.Sorted(maps.Keys(r.Labels)) {
		all = append(all, setLabel(r.Labels, label, "other"))
	}
	all = slices.Concat(all, changesOfSpan(&r.For, "for"), changesOfSpan(&r.KeepFiringFor, "keep_firing_for"))
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
	if err != nil {
		return nil, err
	}
	for _, one := range changesIn(expression) {
		all = append(all, one.within(r, expression))
	}
	return all, nil
}

func setLabel(of map[string]string, label, to string) change {
	return change{what: fmt.Sprintf("label %s: %s instead of %s", label, to, of[label]), do: func() func() {
		before := of[label]
		of[label] = to
		return func() { of[label] = before }
	}}
}

// within returns the change of a rule that a change of a part of its expression makes.
func (c change) within(r *rule, expression parser.Expr) change {
	return change{c.what, c.reason, func() func() {
		undo, before := c.do(), r.Expr
		r.Expr = expression.String()
		return func() {
			undo()
			r.Expr = before
		}
	}}
}

// changesIn returns the changes of all parts of an expression. What does not parse is left out, such as an operator that labels do not go with.
func changesIn(expression parser.Expr) []change {
	var all []change
	partners := partnersIn(expression)
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			all = append(all, changesOfSelector(selector, partners[selector])...)
		}
		all = append(all, changesOf(node)...)
		return nil
	})
	return slices.DeleteFunc(all, func(c change) bool {
		undo := c.do()
		defer undo()
		_, err := parser.NewParser(parser.Options{}).ParseExpr(expression.String())
		return err != nil
	})
}

// changesOf returns the changes of one node.
func changesOf(node parser.Node) []change {
	switch node := node.(type) {
	case *parser.NumberLiteral:
		return changesOfNumber(&node.Val)
	case *parser.MatrixSelector:
		return changesOfSpan(&node.Range, "range")
	case *parser.SubqueryExpr:
		return slices.Concat(changesOfSpan(&node.Range, "range"), changesOfSpan(&node.OriginalOffset, "offset"))
	case *parser.VectorSelector:
		return changesOfSpan(&node.OriginalOffset, "offset")
	case *parser.BinaryExpr:
		return changesOfOperator(node)
	case *parser.AggregateExpr:
		return changesOfAggregate(node)
	case *parser.Call:
		return changesOfFunction(node)
	}
	return nil
}

// changesOfFunction calls another function. All calls of a function share one description, which is left as it is.
func changesOfFunction(call *parser.Call) []change {
	other, known := otherFunctions()[call.Func.Name]
	if !known {
		return nil
	}
	one := set(&call.Func, parser.Functions[other], "")
	one.what = fmt.Sprintf("function: %s instead of %s", other, call.Func.Name)
	return []change{one}
}

// changesOfNumber makes a number larger and smaller, by a fifth, or by one if it is whole and small.
func changesOfNumber(number *float64) []change {
	step := *number / 5
	if *number == math.Trunc(*number) {
		step = max(1, math.Round(step))
	}
	return []change{set(number, *number+step, "number"), set(number, *number-step, "number")}
}

func changesOfSpan[T ~int64](span *T, what string) []change {
	if *span == 0 {
		return nil
	}
	return []change{set(span, *span*2, what), set(span, *span/2, what)}
}

// changesOfSelector changes the metric, and the value and the operator of each matcher.
func changesOfSelector(selector *parser.VectorSelector, partner bool) []change {
	var all []change
	if selector.Name != "" {
		all = append(all, set(&selector.Name, selector.Name+"_other", "metric"))
	}
	opposite := map[labels.MatchType]labels.MatchType{
		labels.MatchEqual: labels.MatchNotEqual, labels.MatchNotEqual: labels.MatchEqual,
		labels.MatchRegexp: labels.MatchNotRegexp, labels.MatchNotRegexp: labels.MatchRegexp,
	}
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name == model.MetricNameLabel {
			continue
		}
		value := set(&matcher.Value, "other", "matcher "+matcher.Name)
		if excludes := matcher.Type == labels.MatchNotEqual || matcher.Type == labels.MatchNotRegexp; excludes && partner {
			value.reason = "selects more series, to which the other side of the operator has none"
		}
		all = append(all, value, set(&matcher.Type, opposite[matcher.Type], "matcher "+matcher.Name))
	}
	return all
}

// partnersIn returns the selectors on a side of an operator whose other side selects with the same labels, as in x{a!="b"} - x{a!="b"} offset 5m.
// A series that only one of the sides selects is in no result.
func partnersIn(expression parser.Expr) map[*parser.VectorSelector]bool {
	partners := map[*parser.VectorSelector]bool{}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		operator, ok := node.(*parser.BinaryExpr)
		if !ok || operator.Op == parser.LOR {
			return nil
		}
		left, right := selectorIn(operator.LHS), selectorIn(operator.RHS)
		if left != nil && right != nil && slices.EqualFunc(labelMatchers(left), labelMatchers(right), func(a, b *labels.Matcher) bool { return a.String() == b.String() }) {
			partners[left] = partners[left] || operator.Op != parser.LUNLESS
			partners[right] = true
		}
		return nil
	})
	return partners
}

func labelMatchers(selector *parser.VectorSelector) []*labels.Matcher {
	return slices.DeleteFunc(slices.Clone(selector.LabelMatchers), func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })
}

// selectorIn returns the selector whose series an expression has, or nil if it adds, merges or makes series.
func selectorIn(expression parser.Expr) *parser.VectorSelector {
	switch expression := expression.(type) {
	case *parser.VectorSelector:
		return expression
	case *parser.MatrixSelector:
		return selectorIn(expression.VectorSelector)
	case *parser.ParenExpr:
		return selectorIn(expression.Expr)
	case *parser.Call:
		if len(expression.Args) == 1 {
			return selectorIn(expression.Args[0])
		}
	case *parser.BinaryExpr:
		if expression.Op != parser.LOR {
			return selectorIn(expression.LHS)
		}
	}
	return nil
}

// changesOfAggregate changes the operator and leaves out each label of by or without.
func changesOfAggregate(aggregate *parser.AggregateExpr) []change {
	other := map[parser.ItemType]parser.ItemType{parser.SUM: parser.MAX, parser.MAX: parser.MIN, parser.MIN: parser.MAX, parser.COUNT: parser.SUM, parser.AVG: parser.MAX}
	var all []change
	if to, known := other[aggregate.Op]; known {
		operator := set(&aggregate.Op, to, "aggregation")
		if selector := selectorIn(aggregate.Expr); selector != nil && slices.ContainsFunc(selector.LabelMatchers, isObjective) {
			operator.reason = "aggregates one series, that of an objective"
		}
		all = append(all, operator)
	}
	for i, label := range aggregate.Grouping {
		all = append(all, set(&aggregate.Grouping, slices.Delete(slices.Clone(aggregate.Grouping), i, i+1), "grouping without "+label))
	}
	return all
}

// isObjective reports whether a matcher selects the series of one objective: each is recorded once (TestRecordedSeriesAreUnique).
func isObjective(m *labels.Matcher) bool { return m.Name == "sloth_id" && m.Type == labels.MatchEqual }

// otherFunctions returns the function that takes the place of each.
func otherFunctions() map[string]string {
	return map[string]string{
		"rate": "delta", "increase": "delta", "sum_over_time": "max_over_time", "avg_over_time": "max_over_time",
		"max_over_time": "min_over_time", "min_over_time": "max_over_time", "clamp_min": "clamp_max",
		"vector": "absent", "histogram_quantile": "histogram_fraction",
	}
}

func changesOfOperator(expression *parser.BinaryExpr) []change {
	others := map[parser.ItemType][]parser.ItemType{
		parser.ADD: {parser.SUB}, parser.SUB: {parser.ADD}, parser.MUL: {parser.DIV}, parser.DIV: {parser.MUL},
		parser.GTR: {parser.GTE, parser.LTE}, parser.GTE: {parser.GTR, parser.LSS}, parser.LSS: {parser.LTE, parser.GTE}, parser.LTE: {parser.LSS, parser.GTR},
		parser.EQLC: {parser.NEQ}, parser.NEQ: {parser.EQLC}, parser.LAND: {parser.LOR, parser.LUNLESS}, parser.LOR: {parser.LAND}, parser.LUNLESS: {parser.LAND, parser.LOR},
	}
	var all []change
	for _, to := range others[expression.Op] {
		all = append(all, set(&expression.Op, to, "operator"))
	}
	if matching := expression.VectorMatching; matching != nil && matching.On {
		all = append(all, set(&matching.On, false, "on"))
		if matching.Card != parser.CardOneToOne && matching.Card != parser.CardManyToMany {
			all = append(all, set(&matching.Card, parser.CardOneToOne, "group_left"))
		}
	}
	return all
}
