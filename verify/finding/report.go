package finding

import (
	"slices"
	"time"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Report is what a check found, engine by engine.
type Report struct {
	Version int    `json:"version"` // of this format: 1
	Subject string `json:"subject"`
	Since   string `json:"since,omitempty"`   // the earlier state that it is compared with
	Against string `json:"against,omitempty"` // the history that it is to replace
	Runs    []Run  `json:"runs"`
	// Review is the list that a reviewer works through, over all runs and the
	// revisions that were looked at.
	Review []ReviewItem `json:"review"`
	// FailOn is the severity from which findings make it fail; "": Error.
	FailOn  Severity `json:"fail_on,omitempty"`
	Summary Summary  `json:"summary"`
}

// A Run is the verification of a history on one engine.
type Run struct {
	Engine    string    `json:"engine"`
	Server    string    `json:"server,omitempty"` // with its version
	Source    string    `json:"source,omitempty"` // where the server comes from
	Revisions []Verdict `json:"revisions"`
	Findings  []Finding `json:"findings,omitempty"` // that are not about one revision
	Checklist []Item    `json:"checklist"`
	// NotRun says why there was no run; "" where there was one.
	NotRun string `json:"not_run,omitempty"`
	// Excused says who took the engine out on purpose; "" where nobody did.
	Excused string `json:"excused,omitempty"`
	// Unfinished says why a run ended before it had seen everything; "" where
	// it came to its end.
	Unfinished string `json:"unfinished,omitempty"`
	// Failed says that the check as a whole could not be made because of this run:
	// the engine is required, or the run could not be finished.
	Failed bool `json:"failed,omitempty"`
	// Kept are the databases that were left behind because somebody asked.
	Kept []KeptDatabase `json:"kept,omitempty"`

	Dialect dialect.Dialect `json:"-"`
}

// A KeptDatabase is one that a walk has left for a person to look at.
type KeptDatabase struct {
	Name    string `json:"name"`
	Stands  string `json:"stands"`  // where in the history, in words
	Until   string `json:"until"`   // in words: until when it will be there
	Command string `json:"command"` // opens it, from a shell; shows no password
}

// A Verdict is what is known of one revision after a run.
type Verdict struct {
	Version  int64     `json:"version"`
	Name     string    `json:"name"`
	Label    string    `json:"label"`            // as its files and the checklist name it: "0007_add_email"
	Change   Change    `json:"change,omitempty"` // since Report.Since
	Verdict  Standing  `json:"verdict"`
	Findings []Finding `json:"findings"`
	Timings  Timings   `json:"timings"`
	Went     string    `json:"went,omitempty"` // why the walk went on in a new database
	// Climbed says why the revision was climbed and not looked at; "" where it
	// was.
	Climbed string `json:"climbed,omitempty"`
	// Changes is what the up changes in the catalogue, in the form of
	// schema.Diff; "" where that is nothing, and where it was not looked at.
	Changes string `json:"changes,omitempty"`
	// Rows is what the up does to rows, nil where it was not looked at.
	Rows *RowEffects `json:"rows,omitempty"`
	// Back is in words what comes back on the way down, and what does not; ""
	// where that was not looked at.
	Back string `json:"back,omitempty"`

	// NotMade says by direction why the walk did not make a step of the revision.
	NotMade map[Direction]string `json:"-"`
	// Unseen says why nobody knows what the revision does to rows, "" where that was
	// seen and where the history has no seeds.
	Unseen string `json:"-"`
	// Blocked says why the walk did not get to the revision; "" where it did.
	Blocked string `json:"-"`
	Facts   Facts  `json:"-"`
}

// OneWay reports whether the down says itself that there is none.
func (v Verdict) OneWay() bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == EmptyDown && f.Severity == Note })
}

// String names the revision as its files do.
func (v Verdict) String() string { return v.Label }

// A Standing is a verdict in one word.
type Standing string

// The standings of a revision. Unverified is never a pass.
const (
	Clean      Standing = "clean"
	Noted      Standing = "noted"
	Excepted   Standing = "waived"
	Defective  Standing = "defective"
	Unverified Standing = "unverified"
)

// Timings are the durations of the steps in seconds, 0 for a step not made.
type Timings struct {
	Up    float64 `json:"up"`
	Down  float64 `json:"down"`
	Again float64 `json:"up_again"`
}

// Took is the time of all steps.
func (t Timings) Took() time.Duration {
	return time.Duration((t.Up + t.Down + t.Again) * float64(time.Second))
}

// A Status is how a promise fared.
type Status string

// The statuses of a checklist item.
const (
	Pass          Status = "pass"
	Warns         Status = "warning" // a warning stands against it, and no error
	Fail          Status = "fail"
	NotApplicable Status = "not applicable"
	Waived        Status = "waived"
	NotRun        Status = "not run"
)

// An Item is one line of the checklist: a promise and how it fared.
type Item struct {
	Revision string `json:"revision,omitempty"` // "0007_add_email"; "" for the whole history
	Promise  string `json:"promise"`
	Status   Status `json:"status"`
	Evidence string `json:"evidence,omitempty"` // what was seen, or the reason
}

// A Summary counts.
type Summary struct {
	Engines  int `json:"engines"`  // that ran, to the end
	Missing  int `json:"missing"`  // that did not, or not to the end
	Errors   int `json:"errors"`   // findings, by severity
	Warnings int `json:"warnings"` //
	Notes    int `json:"notes"`    //
	Waived   int `json:"waived"`   // findings, of whatever severity
	NotRun   int `json:"not_run"`  // checklist items
}

// All lists the findings of the run, those of revisions first.
func (r Run) All() []Finding {
	var all []Finding
	for _, v := range r.Revisions {
		all = append(all, v.Findings...)
	}
	return append(all, r.Findings...)
}

// Summarize counts the runs.
func Summarize(runs []Run) Summary {
	var s Summary
	for _, r := range runs {
		if r.NotRun != "" || r.Unfinished != "" {
			s.Missing++
		} else {
			s.Engines++
		}
		for _, f := range r.All() {
			switch {
			case f.Waived != "":
				s.Waived++
			case f.Severity == Error:
				s.Errors++
			case f.Severity == Warning:
				s.Warnings++
			default:
				s.Notes++
			}
		}
		for _, i := range r.Checklist {
			if i.Status == NotRun {
				s.NotRun++
			}
		}
	}
	return s
}

// Excused reports whether there was no run because somebody took out every engine on
// purpose.
func (r Report) Excused() bool {
	for _, run := range r.Runs {
		if run.Excused == "" {
			return false
		}
	}
	return len(r.Runs) > 0
}

// Failed reports whether a finding stands that is of this severity or worse.
func (r Report) Failed(at Severity) bool {
	for _, run := range r.Runs {
		for _, f := range run.All() {
			if f.Counts(at) {
				return true
			}
		}
	}
	return false
}

// A ReviewItem is one line of the list that a reviewer of a migration works
// through, filled in from what was seen on all engines: it passes only where
// something was looked at, and Evidence says what. An error that stands fails it; of
// a line with a warning it says so.
type ReviewItem struct {
	Item     string `json:"item"`
	Status   Status `json:"status"`
	Evidence string `json:"evidence"` // one line: what was seen, or the reason
}

// A Change is what a revision is beside the state that it is compared with.
type Change string

// The changes. A revision that is as it was has "".
const (
	New       Change = "new"
	Different Change = "changed"
)

// RowEffects are what an up does to the rows that were there.
type RowEffects struct {
	Before  int64         `json:"before"` // rows that were there
	Tables  int           `json:"tables"` // in so many tables
	Touched []TableEffect `json:"touched,omitempty"`
}

// A TableEffect is what an up does to the rows of one table. Of rows without a key
// one that went and another that came are one that changed.
type TableEffect struct {
	Table    string `json:"table"`
	Inserted int64  `json:"inserted"`
	Changed  int64  `json:"changed"`
	Deleted  int64  `json:"deleted"`
	Kept     int64  `json:"kept"`             // as they were, in the columns that are there both times
	Unread   string `json:"unread,omitempty"` // why nothing is known of them
}

// Facts are what the review wants to know of a revision that was looked at.
type Facts struct {
	Data      bool     // it leaves the schema alone, and has SQL
	Repeated  bool     // which was run once more
	Rebuilt   []string // tables of SQLite that it makes anew
	DownFails bool
}
