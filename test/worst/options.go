package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// options are the options of a measurement.
type options struct {
	binary     string
	shipped    *shipped
	sizes      []int // of bodies, in bytes
	rounds     int
	only       *regexp.Regexp
	gomaxprocs []int
	timeout    time.Duration
	// Many copies at the same time: top is the number of kinds, copies the number of copies, and sustain the duration.
	top     int
	copies  int
	sustain time.Duration
}

func parseOptions(args []string, output io.Writer) (*options, error) {
	flags := flag.NewFlagSet("worst", flag.ContinueOnError)
	flags.SetOutput(output)
	var o options
	flags.StringVar(&o.binary, "binary", "bin/ippool-webhook", "path of the program to measure")
	deployment := flags.String("deployment", "manifests/base/deployment.yaml", "file with the Deployment; its memory limit and environment variables apply to the program")
	sizes := flags.String("sizes", "3Mi,7Mi", "comma-separated sizes of the bodies, as Kubernetes quantities")
	flags.IntVar(&o.rounds, "rounds", 3, "number of measurements of a body; the result is their median; one is enough if it is less than half of the budget")
	only := flags.String("only", "", "regular expression for the names of the bodies to measure; empty means all")
	gomaxprocs := flags.String("gomaxprocs", "2,8", "comma-separated values of GOMAXPROCS for many copies at the same time; single bodies use the first value")
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "timeout of a request")
	flags.IntVar(&o.top, "top", 5, "number of the worst kinds, by CPU time and by memory, to measure with many copies at the same time; 0 disables this part")
	flags.IntVar(&o.copies, "copies", 64, "number of copies of a body that are sent at the same time")
	flags.DurationVar(&o.sustain, "sustain", 5*time.Second, "duration of each measurement with many copies")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.rounds < 1 || o.top < 0 || o.copies < 1 || o.timeout <= 0 || o.sustain <= 0 {
		return nil, errors.New("-rounds, -copies, -timeout and -sustain must be positive, and -top must not be negative")
	}
	var sizesErr, onlyErr, gomaxprocsErr, shippedErr error
	o.sizes, sizesErr = parseList("-sizes", *sizes, parseSize)
	o.gomaxprocs, gomaxprocsErr = parseList("-gomaxprocs", *gomaxprocs, strconv.Atoi)
	o.only, onlyErr = regexp.Compile(*only)
	o.shipped, shippedErr = readShipped(*deployment)
	return &o, errors.Join(sizesErr, gomaxprocsErr, onlyErr, shippedErr)
}

// parseList reads comma-separated positive numbers.
func parseList(name, text string, parse func(string) (int, error)) ([]int, error) {
	var numbers []int
	for item := range strings.SplitSeq(text, ",") {
		number, err := parse(item)
		if err != nil || number < 1 {
			return nil, fmt.Errorf("%s %q is invalid: must be comma-separated positive numbers", name, item)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

func parseSize(text string) (int, error) {
	quantity, err := resource.ParseQuantity(text)
	return int(quantity.Value()), err
}
