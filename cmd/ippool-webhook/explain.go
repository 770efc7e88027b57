package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

func newExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Explain a rule, or list all rules",
		Long:  "Explain a rule: what it finds, why that matters to Whereabouts, and what to do about it. Without RULE, list all rules.",
		Example: "  ippool-webhook explain\n" +
			"  ippool-webhook explain podref-duplicate\n" +
			"  ippool-webhook explain -o markdown",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRules,
	}
	output := cmd.Flags().StringP("output", "o", "text", "form of the list: text or markdown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all := rules.All(policy.Default().RuleOptions())
		if len(args) == 1 {
			return explainRule(cmd.OutOrStdout(), all, args[0])
		}
		switch *output {
		case "text":
			return listRules(cmd.OutOrStdout(), all)
		case "markdown":
			return tabulateRules(cmd.OutOrStdout(), all)
		default:
			return fmt.Errorf("--output %q is not supported, want text or markdown", *output)
		}
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

func explainRule(out io.Writer, all []rules.Rule, id string) error {
	for _, rule := range all {
		if rule.ID != id {
			continue
		}
		_, err := fmt.Fprintf(out, "%s (%s)\n\nFinds: %s\n\nWhy: %s\n\nFix: %s\n", rule.ID, actionText(rule), rule.Docs.Summary, rule.Docs.Why, rule.Docs.Fix)
		return err
	}
	return fmt.Errorf("no rule is called %q; ippool-webhook explain lists all", id)
}

// listRules writes a table for a terminal.
func listRules(out io.Writer, all []rules.Rule) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, "RULE\tACTION\tFINDS\n"+formatRules(all, "%s\t%s\t%s\n")); err != nil {
		return err
	}
	return table.Flush()
}

// tabulateRules writes the table of the README.
func tabulateRules(out io.Writer, all []rules.Rule) error {
	_, err := io.WriteString(out, "| rule | action | finds |\n|---|---|---|\n"+formatRules(all, "| `%s` | %s | %s |\n"))
	return err
}

// formatRules formats the ID, the action and the summary of each rule.
func formatRules(all []rules.Rule, row string) string {
	var rows strings.Builder
	for _, rule := range all {
		fmt.Fprintf(&rows, row, rule.ID, actionText(rule), rule.Docs.Summary)
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
