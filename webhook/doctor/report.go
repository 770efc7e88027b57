package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Status is the result of a check.
type Status string

// The statuses, from the best to the worst.
const (
	Pass Status = "pass" // no problem
	Warn Status = "warn" // the pools are protected, but there is a problem; or doctor could not check it
	Fail Status = "fail" // the pools are not protected, or pods that start are not protected
)

// Result is the line of one check.
type Result struct {
	// Name is the name of the check, for example ca-bundle. Names do not change between releases.
	Name string `json:"name"`
	// Status is the status of the worst problem.
	Status Status `json:"status"`
	// Message describes the problems on one line, the worst first. The wording can change between releases.
	Message string `json:"message"`
	// Remedy tells the user how to correct the problems, in the same order. It is empty if the check passed.
	Remedy string `json:"remedy,omitempty"`
}

// Summary counts the checks by their status.
type Summary struct {
	Pass int `json:"pass"`
	Warn int `json:"warn"`
	Fail int `json:"fail"`
}

// Report is the output of doctor. It contains every check, always in the same order.
type Report struct {
	Checks  []Result `json:"checks"`
	Summary Summary  `json:"summary"`
}

func newReport(results []Result) *Report {
	r := &Report{Checks: results}
	for _, result := range results {
		switch result.Status {
		case Fail:
			r.Summary.Fail++
		case Warn:
			r.Summary.Warn++
		default:
			r.Summary.Pass++
		}
	}
	return r
}

// Checked reports whether a check could run. Without it, the report says nothing about the cluster.
func (r *Report) Checked() bool {
	return slices.ContainsFunc(r.Checks, func(result Result) bool { return !strings.HasPrefix(result.Message, notCheckedPrefix) })
}

// WriteText writes a line for each check, and a line with the summary.
func (r *Report) WriteText(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, result := range r.Checks {
		line := string(result.Status) + "\t" + result.Name + "\t" + result.Message
		if result.Remedy != "" {
			line += ". Remedy: " + result.Remedy
		}
		if _, err := io.WriteString(table, line+"\n"); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d checks: %d pass, %d warn, %d fail\n", len(r.Checks), r.Summary.Pass, r.Summary.Warn, r.Summary.Fail)
	return err
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
