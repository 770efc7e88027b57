package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// The output formats of explain.
const (
	outputText     = "text"
	outputMarkdown = "markdown"
)

func newExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Explain a rule, or list all rules",
		Long:  "Explain a rule: what it finds, why it matters to Whereabouts, and how to correct a finding. Without RULE, list all rules.",
		Example: "  ippool-webhook explain\n" +
			"  ippool-webhook explain podref-duplicate\n" +
			"  ippool-webhook explain -o markdown",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRules,
	}
	output := cmd.Flags().StringP("output", "o", outputText, "output format: text or markdown")
	completeFlag(cmd, "output", outputText, outputMarkdown)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *output != outputText && *output != outputMarkdown {
			return fmt.Errorf("--output %q is invalid: must be %s or %s", *output, outputText, outputMarkdown)
		}
		all := rules.All(policy.Default().RuleOptions())
		if len(args) == 1 {
			return explainRule(cmd.OutOrStdout(), all, args[0], *output)
		}
		if *output == outputMarkdown {
			return tabulateRules(cmd.OutOrStdout(), all)
		}
		return listRules(cmd.OutOrStdout(), all)
	}
	return cmd
}

func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all := rules.All(rules.Options{})
	ids := make([]string, len(all))
	for i, rule := range all {
		ids[i] = rule.ID
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

func explainRule(out io.Writer, all []rules.Rule, id, output string) error {
	i := slices.IndexFunc(all, func(rule rules.Rule) bool { return rule.ID == id })
	if i < 0 {
		return fmt.Errorf("no rule has the ID %q: run ippool-webhook explain to list all rules", id)
	}
	format := "%s (%s)\n\nFinds: %s\n\nWhy: %s\n\nFix: %s\n"
	if output == outputMarkdown {
		format = "## %s\n\n**Action**: %s\n\n**Finds**: %s\n\n**Why**: %s\n\n**Fix**: %s\n"
	}
	_, err := fmt.Fprintf(out, format, id, actionText(all[i]), all[i].Docs.Summary, all[i].Docs.Why, all[i].Docs.Fix)
	return err
}

// listRules writes a table for a terminal.
func listRules(out io.Writer, all []rules.Rule) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, "RULE\tACTION\tFINDS\n"+formatRules(all, "%s\t%s\t%s\n")); err != nil {
		return err
	}
	return table.Flush()
}

// tabulateRules writes the table for the README.
func tabulateRules(out io.Writer, all []rules.Rule) error {
	_, err := io.WriteString(out, "| rule | action | finds |\n|---|---|---|\n"+formatRules(all, "| `%s` | %s | %s |\n"))
	return err
}

// formatRules formats the ID, the action and the first sentence of the summary of each rule.
func formatRules(all []rules.Rule, row string) string {
	var rows strings.Builder
	for _, rule := range all {
		finds, _, _ := strings.Cut(rule.Docs.Summary, ". ")
		fmt.Fprintf(&rows, row, rule.ID, actionText(rule), strings.TrimSuffix(finds, "."))
	}
	return rows.String()
}

// actionText returns the default action of a rule in enforce mode.
func actionText(rule rules.Rule) string {
	if rule.ByFieldValidation {
		return "by fieldValidation"
	}
	return rule.Action.String()
}
