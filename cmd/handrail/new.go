package main

import (
	"fmt"
	"path"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
)

func newCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME [DIR]",
		Short: "Write the files of a new revision, with the next version",
		Long: `Write the files of a new revision into DIR (./migrations where it is not given), for
its author to fill in: an up and a down for golang-migrate, in the folder of each
dialect, all with one version. It follows the highest that is there, in either
dialect, and is written as that one is: as wide a number, or the time in UTC. Where
the migrations are in TOML or JSON it is one file, which needs all that is there.

All files are written or none, and none over one that is there. A down that stays
as it is written is found by check: it restores nothing.`,
		Example: "  handrail new add_email\n  handrail new add_email db/migrations",
		Args:    nameAndFolder,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := read(args[1:], verify.LoadToDraft)
			if err != nil {
				return err
			}
			drafts, err := verify.DraftRevision(s, args[0], time.Now())
			if err != nil {
				return err
			}
			if err := create(drafts); err != nil {
				return err
			}
			for _, d := range drafts {
				fmt.Fprintln(c.OutOrStdout(), d.File)
			}
			if ext := path.Ext(drafts[0].File); ext == ".toml" || ext == ".json" {
				fmt.Fprintf(c.OutOrStdout(), "handrail lock %s gives it its ordinal\n", s.Dir)
			}
			return nil
		},
	}
}
