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

// options say what is measured.
type options struct {
	binary     string
	shipped    *shipped
	sizes      []int // of bodies, in bytes
	rounds     int
	only       *regexp.Regexp
	gomaxprocs []int
	timeout    time.Duration
	// top is how many kinds of bodies are sent many at a time, copies how many, and sustain how long.
	top     int
	copies  int
	sustain time.Duration
}

func parseOptions(args []string, output io.Writer) (*options, error) {
	flags := flag.NewFlagSet("worst", flag.ContinueOnError)
	flags.SetOutput(output)
	var o options
	flags.StringVar(&o.binary, "binary", "bin/ippool-webhook", "path of the program to measure")
	deployment := flags.String("deployment", "manifests/base/deployment.yaml", "file with the Deployment that ships the memory limit and the environment")
	sizes := flags.String("sizes", "3Mi,7Mi", "sizes of the bodies, as Kubernetes quantities")
	flags.IntVar(&o.rounds, "rounds", 3, "number of measurements of a body, whose median counts; if the first is less than half of the budget, there are no more")
	only := flags.String("only", "", "regular expression that the names of the bodies must match")
	gomaxprocs := flags.String("gomaxprocs", "2,8", "values of GOMAXPROCS for many bodies at a time; single bodies are measured with the first")
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "time after which a request is given up")
	flags.IntVar(&o.top, "top", 5, "number of the worst kinds, by CPU time and by memory, that are sent many at a time; 0 turns this part off")
	flags.IntVar(&o.copies, "copies", 64, "number of bodies that are sent at a time")
	flags.DurationVar(&o.sustain, "sustain", 5*time.Second, "time during which many bodies at a time are sent")
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

// parseList reads positive numbers with commas between them.
func parseList(name, text string, parse func(string) (int, error)) ([]int, error) {
	var numbers []int
	for item := range strings.SplitSeq(text, ",") {
		number, err := parse(item)
		if err != nil || number < 1 {
			return nil, fmt.Errorf("%s: invalid value %q: must be positive numbers with commas between them", name, item)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

func parseSize(text string) (int, error) {
	quantity, err := resource.ParseQuantity(text)
	return int(quantity.Value()), err
}
