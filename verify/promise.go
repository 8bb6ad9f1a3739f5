package verify

import (
	"slices"

	"github.com/handrail-db/handrail/verify/finding"
)

// The promises of checklists, in words: a check writes one into its [finding.Item], and a
// line of the review finds it there. One that a table is named in ends so.
const (
	upPromise     = "up applies"
	downPromise   = "down restores the schema"
	againPromise  = "up again gives the same schema"
	assertPromise = "assertions hold"
	roundPromise  = "head to base to head leaves nothing behind and nothing out"
	appendPromise = " is append-only" // behind the name of a table
)

// promiseRules are the rules of the findings that break a promise: its line in a
// checklist does not pass beside one that counts. A rule breaks one promise, or is in
// unpromised with the reason.
var promiseRules = map[string][]finding.Rule{
	// about a revision
	upPromise:     {finding.UpFails, finding.UpNeedsEmpty, finding.NoUp},
	downPromise:   {finding.DownFails, finding.DownNeedsEmpty, finding.Residue, finding.Loss, finding.Changed, finding.EmptyDown},
	againPromise:  {finding.ReupFails, finding.ReupDiffers},
	assertPromise: {finding.AssertionFailed, finding.AssertionResidue, finding.AssertionDependsOnData},
	rowsPromise:   append(slices.Clone(rowRules), finding.RebuildCascade),

	// about the whole history
	roundPromise:     {finding.RoundTrip},
	guardPromise:     {finding.Guard},
	namingPromise:    {finding.Naming},
	publishedPromise: publishedRules,
	parityPromise:    {finding.Parity},
	declaredPromise:  {finding.Drift},
	commutePromise:   {finding.OrderMatters},
	clusterPromise:   {finding.ClusterChanged},
	appendPromise:    {finding.AppendOnly},
}

// unpromised are the rules that break no promise of a checklist.
var unpromised = map[finding.Rule]string{
	finding.NoDown:             "a revision without a down promises none: its lines are not applicable",
	finding.InvalidIndex:       "the up applies, and the catalogue comes back: what the index is worth is no promise of a step",
	finding.SessionLeak:        "the steps promise a schema, and nothing of their session",
	finding.NotIdempotent:      "the up is run once: that it may run twice is a line of the review",
	finding.RebuildLostObject:  "what an up takes away it may: that nobody has said so is a line of the review",
	finding.RebuildBrokenView:  "the up applies, and SQLite compiles the view when it is used: a line of the review",
	finding.ForeignKeys:        "every row is kept, also one whose parent is not",
	finding.NameMismatch:       aboutFiles,
	finding.VersionGap:         aboutFiles,
	finding.VersionDuplicate:   aboutFiles,
	finding.IgnoredFile:        aboutFiles,
	finding.HardcodedURL:       aboutFiles,
	finding.ProvisionalOrdinal: aboutFiles,
	finding.Mixed:              aboutPolicy,
	finding.Destructive:        aboutPolicy,
	finding.Rewrite:            aboutPolicy,
	finding.Recreate:           aboutPolicy,
	finding.WaiverIncomplete:   aboutWaivers,
	finding.WaiverUnused:       aboutWaivers,
	finding.ScenarioFails:      "a scenario is a run of its own, with promises of its own",
	finding.SquashDiffers:      "a comparison of two histories is a run of its own, with promises of its own",
}

const (
	aboutFiles   = "it is about files, before anything runs"
	aboutPolicy  = "the revision does what it says: the policy asks how"
	aboutWaivers = "it is about what is written of other findings"
)
