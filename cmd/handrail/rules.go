package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
)

func rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rules [RULE]",
		Short:   "Print what each rule means and what to do about it",
		Example: "  handrail rules\n  handrail rules residue",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var names []string
			for _, doc := range verify.Rules {
				if len(args) == 0 || args[0] == string(doc.Rule) {
					printRule(c.OutOrStdout(), doc)
				}
				names = append(names, string(doc.Rule))
			}
			if len(args) > 0 && !strings.Contains(" "+strings.Join(names, " ")+" ", " "+args[0]+" ") {
				return fmt.Errorf("no rule %q: want one of %s", args[0], strings.Join(names, ", "))
			}
			return nil
		},
	}
}

func printRule(out io.Writer, doc verify.RuleDoc) {
	fmt.Fprintf(out, "%s (%s)\n  condition  %s\n  effect     %s\n  remedy     %s\n\n", doc.Rule, doc.Severity, doc.Condition, doc.Effect, doc.Remedy)
}
