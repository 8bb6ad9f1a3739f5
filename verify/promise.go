package verify

import "slices"

// The promises of checklists, in words: a check writes one into its [Item], and a
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
var promiseRules = map[string][]Rule{
	// about a revision
	upPromise:     {UpFails, UpNeedsEmpty, NoUp},
	downPromise:   {DownFails, DownNeedsEmpty, Residue, Loss, Changed, EmptyDown},
	againPromise:  {ReupFails, ReupDiffers},
	assertPromise: {AssertionFailed, AssertionResidue, AssertionDependsOnData},
	rowsPromise:   append(slices.Clone(rowRules), RebuildCascade),

	// about the whole history
	roundPromise:     {RoundTrip},
	guardPromise:     {Guard},
	namingPromise:    {Naming},
	publishedPromise: publishedRules,
	parityPromise:    {Parity},
	declaredPromise:  {Drift},
	commutePromise:   {OrderMatters},
	clusterPromise:   {ClusterChanged},
	appendPromise:    {AppendOnly},
}

// unpromised are the rules that break no promise of a checklist.
var unpromised = map[Rule]string{
	NoDown:             "a revision without a down promises none: its lines are not applicable",
	InvalidIndex:       "the up applies, and the catalogue comes back: what the index is worth is no promise of a step",
	SessionLeak:        "the steps promise a schema, and nothing of their session",
	NotIdempotent:      "the up is run once: that it may run twice is a line of the review",
	RebuildLostObject:  "what an up takes away it may: that nobody has said so is a line of the review",
	RebuildBrokenView:  "the up applies, and SQLite compiles the view when it is used: a line of the review",
	ForeignKeys:        "every row is kept, also one whose parent is not",
	NameMismatch:       aboutFiles,
	VersionGap:         aboutFiles,
	VersionDuplicate:   aboutFiles,
	IgnoredFile:        aboutFiles,
	HardcodedURL:       aboutFiles,
	ProvisionalOrdinal: aboutFiles,
	Mixed:              aboutPolicy,
	Destructive:        aboutPolicy,
	Rewrite:            aboutPolicy,
	Recreate:           aboutPolicy,
	WaiverIncomplete:   aboutWaivers,
	WaiverUnused:       aboutWaivers,
	ScenarioFails:      "a scenario is a run of its own, with promises of its own",
	SquashDiffers:      "a comparison of two histories is a run of its own, with promises of its own",
}

const (
	aboutFiles   = "it is about files, before anything runs"
	aboutPolicy  = "the revision does what it says: the policy asks how"
	aboutWaivers = "it is about what is written of other findings"
)
