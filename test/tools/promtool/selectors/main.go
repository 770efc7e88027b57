// Command selectors reads PromQL expressions from the standard input, as a JSON array of strings. It writes their selectors,
// with the labels of the aggregations, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// selection is a selector of an expression, with the labels of the aggregations around it.
type selection struct {
	Expr     string    `json:"expr"`
	Metric   string    `json:"metric"`
	Matchers []matcher `json:"matchers"`
	Grouping []string  `json:"grouping"`
}

// matcher is a condition on a label.
type matcher struct {
	Label string `json:"label"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "selectors:", err)
		os.Exit(1)
	}
}

func run() error {
	var expressions []string
	if err := json.NewDecoder(os.Stdin).Decode(&expressions); err != nil {
		return err
	}
	var all []selection
	for _, expression := range expressions {
		found, err := selections(expression)
		if err != nil {
			return fmt.Errorf("%s: %w", expression, err)
		}
		all = append(all, found...)
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// selections returns the selectors of an expression, each with the labels of the aggregations around it.
func selections(expression string) ([]selection, error) {
	root, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		return nil, err
	}
	var all []selection
	parser.Inspect(root, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		found := selection{Expr: expression, Matchers: []matcher{}, Grouping: []string{}}
		for _, m := range selector.LabelMatchers {
			if m.Name == model.MetricNameLabel {
				found.Metric = m.Value
			} else {
				found.Matchers = append(found.Matchers, matcher{m.Name, m.Type.String(), m.Value})
			}
		}
		for _, above := range path {
			if aggregation, ok := above.(*parser.AggregateExpr); ok {
				found.Grouping = append(found.Grouping, aggregation.Grouping...)
			}
		}
		all = append(all, found)
		return nil
	})
	return all, nil
}
