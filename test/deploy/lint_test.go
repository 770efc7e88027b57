package deploy

import (
	"strings"
	"testing"
)

// TestLint checks that helm lint fails for values that helm rejects when it renders the chart, with the same message.
func TestLint(t *testing.T) {
	for _, row := range []struct{ name, values, want string }{
		{"no image", "{}", "image.repository: Required value: there is no public image of ippool-webhook"},
		{"label of the chart", "{image: {repository: r}, podLabels: {app.kubernetes.io/name: web}}", "podLabels[app.kubernetes.io/name]: Forbidden: the chart sets this key"},
		{"memory limit", "{image: {repository: r}, resources: {limits: {memory: 1}}}", "must be at least 360Mi"},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			for _, command := range [][]string{{"template", name}, {"lint"}} {
				_, err := helm(t.Context(), append(command, chart(), "--values", values(t, row.values))...)
				if err == nil || !strings.Contains(err.Error(), row.want) {
					t.Errorf("error of helm %s:\n%v\nwant %q in it", command[0], err, row.want)
				}
			}
		})
	}
}
