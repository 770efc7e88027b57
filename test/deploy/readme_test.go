package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	yamlv3 "go.yaml.in/yaml/v3"

	"ippool-webhook/test/golden"
)

// TestReadmeIsCurrent compares the table of values in the README of the chart with values.yaml and its comments.
// UPDATE_GOLDEN=1 rewrites it.
func TestReadmeIsCurrent(t *testing.T) {
	suite.rows.Run(t, "values", func(t *testing.T) {
		text, err := os.ReadFile(suite.Manifest("chart", "values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var document yamlv3.Node
		if err := yamlv3.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		table := append([]string{"| value | default | description |", "|---|---|---|"}, valueRows(t, "", document.Content[0])...)
		golden.Section(t, suite.Manifest("chart", "README.md"), "values", strings.Join(table, "\n"), strings.TrimSpace)
	})
}

// valueRows returns a row of the table for each key with a comment that begins with two dashes. Every value must have such a
// comment, or be in a map that has one.
func valueRows(t *testing.T, path string, node *yamlv3.Node) (rows []string) {
	t.Helper()
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		comment, found := strings.CutPrefix(strings.ReplaceAll(key.HeadComment, "\n# ", " "), "# -- ")
		switch {
		case found:
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", at, defaultOf(t, value), strings.ReplaceAll(comment, "|", `\|`)))
		case value.Kind == yamlv3.MappingNode && len(value.Content) > 0:
			rows = append(rows, valueRows(t, at, value)...)
		default:
			t.Errorf("%s has no comment in values.yaml, want one that begins with # --", at)
		}
	}
	return rows
}

// defaultOf returns a default as JSON.
func defaultOf(t *testing.T, node *yamlv3.Node) string {
	t.Helper()
	var value any
	if err := node.Decode(&value); err != nil {
		t.Fatal(err)
	}
	if list, ok := value.([]any); ok && len(list) > 1 {
		var items []string
		for _, item := range list {
			items = append(items, fmt.Sprintf("`%v`", item))
		}
		return strings.Join(items, "<br>")
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return "`" + string(text) + "`"
}
