package documents

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A term is what this project says in place of other words, so that there is one term for each concept.
type term struct {
	say string
	not *regexp.Regexp
}

// glossary has the terms of the field, and the words that they replace. Words are compared without regard to case.
//
//nolint:gochecknoglobals // a constant, as far as Go has constant slices
var glossary = []term{
	{"validate", words(`judg(e|es|ed|ing|ement)|unjudged`)},
	{"reject, deny", words(`refus(e|es|ed|ing|al|als)`)},
	{"call, request, read", words(`ask(s|ed|ing)?`)},
	{"admission request, webhook call", words(`questions?`)},
	{"normalize, correct, repair", words(`mend(s|ed|ing)?|heal(s|ed|ing)?|respell(s|ed|ing)?`)},
	{"allocation, item", words(`entry|entries`)},
	{"allocation", words(`(a|an|each|every|no|one|stale|the) records?`)},
	{"format, canonical form, offset key", words(`(mis)?spell(s|ed|ing|ings)?|spelt`)},
	{"decimal, offset key", words(`digits`)},
	{"range, network", words(`nets?`)},
	{"user, client, identity", words(`writers?|whoever`)},
	{"enforce mode, observe mode, skip", words(`(full|reduced) mode`)},
	{"must be, must not", words(`wants?|wanted`)},
	{"is invalid, is absent", words(`is none|are none|there is none`)},
	{"permissions", words(`rights|no right`)},
	{"default, if it is absent", words(`where none|want of`)},
	{"a relative clause of its own", words(`of which|as which`)},
	{"rarely, cannot", words(`hardly`)},
	{"impact", words(`at stake`)},
	{"unambiguously", words(`evident|evidently`)},
	{"immediately", words(`not ready at once`)},
}

// words returns an expression for whole words. A word is not part of a path, of a file name or of a host name.
func words(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^\w./-])(` + strings.ReplaceAll(alternatives, " ", `\s+`) + `)($|[^\w/.-]|[.-](\W|$))`)
}

// quoted are words of others: errors of the operating system, and names of linters.
var quoted = regexp.MustCompile(`connection refused|- misspell`)

// A passage is a text that a person reads, and where it is.
type passage struct{ at, text string }

// replaced returns a line for each word in the passage that the glossary replaces.
func replaced(p passage) []string {
	var lines []string
	for number, line := range strings.Split(quoted.ReplaceAllString(p.text, ""), "\n") {
		for _, t := range glossary {
			if found := t.not.FindStringSubmatch(line); found != nil {
				lines = append(lines, fmt.Sprintf("%s, line %d: say %s, not %q: %s", p.at, number+1, t.say, found[2], strings.TrimSpace(line)))
			}
		}
	}
	return lines
}

// TestWords compares what a person reads with the glossary: documents, manifests, the chart, comments, and every string of the
// programs and of the tests, and so help, errors, warnings and log messages.
func TestWords(t *testing.T) {
	count := 0
	for _, p := range passages(t) {
		count++
		for _, line := range replaced(p) {
			t.Error(line)
		}
	}
	if count < 1000 {
		t.Errorf("there are %d passages; at least 1000 were expected", count)
	}
}

// TestGlossary has a sentence for each term that must not pass, and sentences that must.
func TestGlossary(t *testing.T) {
	for _, wrong := range []string{
		"The webhook judges the pool.", "The request is refused.", "The API server asks the webhook.", "a question about pairs",
		"Mend the key.", "The key is respelled.", "one entry less", "the entries of the pool", "The record is lost.",
		"another spelling of the range", "digits without a sign", "An offset outside of the net.", "a trusted writer",
		"The webhook runs in full mode.", "want a number", "a range that is none", "It needs no right.", "no rights",
		"10.0.0.0/24 where none is given", "names of which one must match", "the Service as which it is called",
		"It hardly matters.", "for want of a certificate", "At stake: the pool.", "what it evidently means",
		"A replica is not ready at once.", "Whoever writes pools",
	} {
		if len(replaced(passage{text: wrong})) == 0 {
			t.Errorf("%q has no word that the glossary replaces", wrong)
		}
	}
	for _, right := range []string{
		"dial tcp 127.0.0.1:9443: connect: connection refused", "the package net/http", "ifname: net1", "kubernetes.io/health",
		"Whereabouts records the address.", "A task can be healthy.", "the registry",
	} {
		for _, line := range replaced(passage{text: right}) {
			t.Error(line)
		}
	}
}

// passages returns the texts of the repository that a person reads.
func passages(t *testing.T) []passage {
	t.Helper()
	var found []passage
	for _, path := range files(t) {
		switch filepath.Ext(path) {
		case ".go":
			found = append(found, texts(t, path)...)
		case ".md", ".yaml", ".yml", ".tpl", ".txt", ".svg", "":
			found = append(found, passage{at: path, text: read(t, path)})
		}
	}
	return found
}

// inTests are words that tests may use: what Go calls the expected value, and a part of test data.
var inTests = regexp.MustCompile(`\b(want(s|ed)?|net)\b`)

// texts returns the comments and the strings of a Go file.
func texts(t *testing.T, path string) []passage {
	t.Helper()
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	isTest := strings.HasSuffix(path, "_test.go")
	var found []passage
	add := func(at token.Pos, text string) {
		if isTest {
			text = inTests.ReplaceAllString(text, "")
		}
		found = append(found, passage{at: positions.Position(at).String(), text: text})
	}
	for _, comment := range file.Comments {
		add(comment.Pos(), comment.Text())
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if node.Kind == token.STRING {
				add(node.Pos(), node.Value)
			}
		}
		return true
	})
	return found
}
