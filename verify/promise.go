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

// promiseRules are the rules of the findings that break a promise about a revision:
// its line in a checklist does not pass beside one that counts.
var promiseRules = map[string][]Rule{
	upPromise:     {UpFails, UpNeedsEmpty, NoUp},
	downPromise:   {DownFails, DownNeedsEmpty, Residue, Loss, Changed, EmptyDown},
	againPromise:  {ReupFails, ReupDiffers},
	assertPromise: {AssertionFailed, AssertionResidue, AssertionDependsOnData},
	rowsPromise:   append(slices.Clone(rowRules), RebuildCascade),
	roundPromise:  {RoundTrip},
}
