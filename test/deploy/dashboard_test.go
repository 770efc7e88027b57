package deploy

import (
	"testing"

	"ippool-webhook/test/deploy/dashboard"
	"ippool-webhook/test/golden"
)

// TestDashboardIsCurrent compares the shipped dashboard with the generated one. UPDATE_GOLDEN=1 rewrites it.
func TestDashboardIsCurrent(t *testing.T) {
	suite.rows.Run(t, "dashboard.json", func(t *testing.T) {
		text, err := dashboard.JSON()
		if err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, suite.Manifest("chart", "monitoring", "dashboard.json"), text)
	})
}
