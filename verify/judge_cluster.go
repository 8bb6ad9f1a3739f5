package verify

import (
	"cmp"
	"errors"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// clusterChanged are the findings about changes of what all databases share.
func (c *Ledger) clusterChanged(changes []walk.SharedChange) []finding.Finding {
	var findings []finding.Finding
	for _, change := range changes {
		f := finding.Finding{Rule: finding.ClusterChanged, Severity: finding.Error, Engine: c.engine, Server: c.server.String()}
		if s := change.Step; s != nil && s.Revision.Digits != "" {
			f = c.finding(finding.ClusterChanged, s.Revision, s.Direction)
		}
		f.Object = &finding.ObjectRef{Kind: change.Object().Kind, Name: change.Object().Name}
		f.Want, f.Got = change.Sides()
		f.Message = walk.WhatChanged(change) + ", which all databases of the server share: it is not handrail's"
		if change.Hidden {
			f.Message += " (by a transaction that client_min_messages hides, in the same moments)"
		}
		f.Hint = "leave that to whoever runs the server, and take it back there: " + strings.Join(change.Undo(), " ")
		c.outside = cmp.Or(c.outside, f.Message)
		findings = append(findings, f)
	}
	return findings
}

// clusterItem says how the server fared, where it is not handrail's own or was
// changed.
func (c *Ledger) clusterItem(seen walk.Cluster) {
	if !seen.Foreign && c.outside == "" {
		return
	}
	item := finding.Item{Promise: clusterPromise, Status: finding.Pass, Evidence: words.Plural(seen.Compared, "object") + " compared after each revision"}
	if c.outside != "" {
		item.Status, item.Evidence = finding.Fail, c.outside
	}
	if len(seen.Others) > 0 {
		item.Evidence += "; changed by somebody meanwhile: " + strings.Join(seen.Others, ", ") + " is gone"
	}
	if c.server.Reach != "" {
		item.Evidence += "; " + c.server.Reach
	}
	c.run.Checklist = append(c.run.Checklist, item)
}

// notShared makes findings of an error that is about what all databases share.
func (c *Ledger) notShared(err error) error {
	var changed *walk.ClusterError
	if !errors.As(err, &changed) {
		return err
	}
	c.whole(c.clusterChanged(changed.Changes)...)
	return nil
}

const clusterPromise = "what all databases of the server share stays as it was"
