package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

const deployment = "../../manifests/base/deployment.yaml"

func TestShippedLimits(t *testing.T) {
	s, err := readShipped(deployment)
	if err != nil {
		t.Fatal(err)
	}
	if s.memoryLimit < 1<<20 {
		t.Errorf("the memory limit is %d bytes", s.memoryLimit)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, flags := range [][]string{
		{"-sizes", "3Mi,large"}, {"-sizes", "0"}, {"-gomaxprocs", "-2"}, {"-only", "("}, {"-rounds", "0"}, {"-timeout", "0s"},
		{"-deployment", "absent.yaml"}, {"argument"}, {"-unknown"},
	} {
		if _, err := parseOptions(append([]string{"-deployment", deployment}, flags...), io.Discard); err == nil {
			t.Errorf("%v: no error", flags)
		}
	}
}

func TestReportSaysWhatIsOverBudget(t *testing.T) {
	healthy := &baseline{subject: subject{name: "healthy"}, samples: []sample{{cpu: 10 * time.Millisecond, peak: 100}}}
	measured := func(name, request string, s sample) *measurement {
		return &measurement{subject: subject{name: name, request: request, path: validatePath}, samples: []sample{s}, healthy: healthy}
	}
	b := &bench{options: options{shipped: &shipped{memoryLimit: 1000}, gomaxprocs: []int{2}}, single: []*measurement{
		measured("slow", "CREATE", sample{cpu: 90 * time.Millisecond}),
		measured("slow", "UPDATE", sample{cpu: 70 * time.Millisecond}),
		measured("large", "CREATE", sample{peak: 2000}),
		measured("cheap", "CREATE", sample{cpu: 50 * time.Millisecond, peak: 1000, waits: waits{longest: time.Second}}),
	}}
	var out bytes.Buffer
	broken, err := b.report(&out)
	if err != nil || !broken {
		t.Errorf("over budget: %v, error: %v", broken, err)
	}
	_, got, _ := strings.Cut(out.String(), "over budget")
	const want = `: CPU time: slow (CREATE, 0.00 MiB, validate): 9.0 times that of a healthy body; must be at most 5 (and in 1 other measurements of this body)
over budget: peak memory: large (CREATE, 0.00 MiB, validate): 0.00 MiB; must be at most 0.00 MiB
`
	if got != want {
		t.Errorf("the report ends in %q", got)
	}
}
