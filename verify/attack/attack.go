package attack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/secret"
)

// A Table is a table that is promised append-only, with rows to attack.
type Table struct {
	// Name is its name in the catalogue, which may leave out the schema
	// where that is not ambiguous.
	Name string

	// Row inserts the nth row, counted from 1, with whatever it refers to in
	// other tables. It is called on many databases, on each for 1, 2, 3 and so
	// on: for the same n it writes the same keys, and for another n another
	// value in every column that is part of a key.
	Row func(ctx context.Context, db *sql.DB, n int) error
}

// An Outcome is what an [Attack] should come to.
type Outcome string

// The outcomes. Whichever it is, except Possible, every row that was there is
// there afterwards, value for value.
const (
	Refused  Outcome = "refused"  // by an error
	Harmless Outcome = "harmless" // no row of those there can be touched, so that an error and none are both right
	Appends  Outcome = "appends"  // no error, and new rows
	Possible Outcome = "possible" // see Accepted
)

// A Role is who attacks. SQLite knows none: there it is "".
type Role string

// The roles on Postgres. The last three stand on a predefined role that cannot
// do anything of its own to the table, so that nothing is made in the cluster.
const (
	Superuser      Role = "superuser"      // who made the table, where that is one
	Owner          Role = "owner"          // of the table and its trigger functions, and no superuser
	Application    Role = "application"    // may SELECT and INSERT
	AllPrivileges  Role = "all privileges" // may UPDATE, DELETE and TRUNCATE too, so that only the table itself can refuse
	whoeverOpensIt Role = ""
)

// An Attack is one attempt to change or remove rows of a table.
type Attack struct {
	Name    string // a noun phrase: "UPDATE of payload"
	Reason  string // why it may work where one does not think of it
	As      Role
	Prepare []string // what whoever made the table makes before: a view on it
	Undo    []string // takes Prepare back and leaves no trace; nil: the database is used up
	Session []string // settings in the attacker's session
	SQL     string   // one statement or more
	Want    Outcome
	Remedy  string // against it

	impossible string // why there is none; "" where there is
	prey       *prey
}

// String tells an attack from all others on its table.
func (a Attack) String() string {
	if a.As == whoeverOpensIt {
		return a.Name
	}
	return string(a.As) + ": " + a.Name
}

// An Exception is what a table cannot be guarded against on an engine.
type Exception struct {
	Dialect dialect.Dialect
	As      Role
	Name    string
	Reason  string
	// attack is the SQL that shows it, nil where that needs to know more of
	// the table than a snapshot says.
	attack func(*prey) string
}

// Accepted lists the exceptions. [Table.Scout] makes an attack of each that it
// can, so that tests can show that the list is true.
var Accepted = []Exception{
	{dialect.Postgres, Owner, "ALTER TABLE DISABLE TRIGGER", "the table is its owner's, triggers included: let the application be another role", postgresDisable},
	{dialect.Postgres, Owner, "DROP TRIGGER", "as ALTER TABLE DISABLE TRIGGER", postgresDropTrigger},
	{dialect.Postgres, Owner, "CREATE OR REPLACE of the trigger's function", "the function is its owner's", postgresReplaceFunction},
	{dialect.Postgres, Owner, "ALTER TABLE ALTER COLUMN TYPE USING", "it rewrites every row and fires no trigger: review revisions for it", postgresRewrite},
	{dialect.Postgres, Owner, "ALTER TABLE DROP COLUMN", "it takes a value out of every row and fires no trigger: review revisions for it", postgresDropColumn},
	{dialect.Postgres, Owner, "DROP TABLE", "the table is its owner's", postgresDropTable},
	{dialect.SQLite, whoeverOpensIt, "DROP TRIGGER", "SQLite has no roles: whoever opens the file for writing may run any DDL, or write into the file without SQLite", sqliteDropTrigger},
	{dialect.SQLite, whoeverOpensIt, "DROP TABLE", "as DROP TRIGGER; it fires no trigger", sqliteDropTable},
	{dialect.SQLite, whoeverOpensIt, "PRAGMA writable_schema", "it opens the catalogue itself for writing", sqliteWritableSchema},
	{dialect.SQLite, whoeverOpensIt, "PRAGMA ignore_check_constraints", "it lets rows in that no CHECK would; those that are there it does not touch", nil},
}

// RowsAttacked is how many rows AttackTable attacks.
const RowsAttacked = 5

// AttackTable fills a table at the head of the subject's history and attacks
// its rows, one of them and all. It reports each attack that worked; the items
// say how the promise fared and what could not be tried.
//
// A refusal counts only if the attack works where the table's guards are taken
// off: one that fails for a reason of its own proves nothing and is not run.
func AttackTable(ctx context.Context, e engine.Engine, s history.Subject, t Table) (findings []finding.Finding, items []finding.Item, err error) {
	defer func() { secret.Hidden(&err, nil, &findings, &items) }()
	server, err := e.Server(ctx)
	if err != nil {
		return nil, nil, err
	}
	j := &Judgement{Engine: e.Name(), Server: server.String(), Without: map[string][]string{}}
	if err := j.Round(ctx, &Ground{From: &filledGround{e, s, t}}); err != nil {
		return nil, nil, fmt.Errorf("attack table %s on %s: %w", t.Name, e.Name(), err)
	}
	return j.findings, j.Items(t.Name), nil
}

// A Source makes databases with rows to attack, all alike.
type Source interface {
	Ready(ctx context.Context) (engine.Database, error)
	Scout(ctx context.Context) ([]Attack, error)
}

// A Ground is a database with the table and its rows, ready for an attack.
type Ground struct {
	From Source
	db   engine.Database
	as   Role // who has been there
}

// ready makes sure that there is a database as the role's attacks expect it.
func (g *Ground) ready(ctx context.Context, as Role) (err error) {
	if g.db != nil && g.as == as {
		return nil
	}
	if err := g.leave(); err != nil {
		return err
	}
	g.db, err = g.From.Ready(ctx)
	g.as = as
	return err
}

// leave drops the database, which is no longer as attacks expect it.
func (g *Ground) leave() error {
	if g.db == nil {
		return nil
	}
	db := g.db
	g.db = nil
	return db.Close()
}

// A filledGround has the rows of a Target.
type filledGround struct {
	engine  engine.Engine
	subject history.Subject
	target  Table
}

func (g *filledGround) migrated(ctx context.Context) (engine.Database, error) {
	head, err := g.subject.Head(g.engine.Dialect())
	if err != nil {
		return nil, err
	}
	return walk.Migrated(ctx, g.engine, g.subject, head)
}

func (g *filledGround) Ready(ctx context.Context) (engine.Database, error) {
	db, err := g.migrated(ctx)
	if err != nil {
		return nil, err
	}
	if err := g.target.Fill(ctx, db.DB(), RowsAttacked); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// scout finds out what attacks there are, on a database of its own.
func (g *filledGround) Scout(ctx context.Context) (_ []Attack, err error) {
	db, err := g.migrated(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return g.target.Scout(ctx, db.DB(), g.engine.Dialect(), RowsAttacked)
}

// attack makes one attack. The next one of the role may have the same database
// as long as this one left no trace there: no row changed or new, and nothing
// prepared but the role and what is undone.
func (g *Ground) attack(ctx context.Context, a Attack) (r Result, err error) {
	if err := g.ready(ctx, a.As); err != nil {
		return r, err
	}
	r, err = a.Run(ctx, g.db.DB())
	traces := err != nil || r.Changed() || len(r.New) > 0
	if len(a.Prepare) > 0 && !traces {
		traces = a.undo(ctx, g.db.DB()) != nil
	}
	if traces {
		err = errors.Join(err, g.leave())
	}
	return r, err
}

// A Judgement is what is known of a table while it is attacked.
type Judgement struct {
	Engine, Server string
	findings       []finding.Finding
	worked         []Attack // of which the findings are
	made, refused  int
	reasons        []string            // why attacks were not run
	Without        map[string][]string // by reason: which
}

// Round makes all attacks that are to fail.
func (j *Judgement) Round(ctx context.Context, g *Ground) (err error) {
	attacks, err := g.From.Scout(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.leave()) }()
	for _, a := range attacks {
		if a.Want == Possible {
			continue
		}
		r, err := g.attack(ctx, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
		j.judge(a, r)
	}
	return nil
}

// judge writes down what came of an attack.
func (j *Judgement) judge(a Attack, r Result) {
	if r.NotRun != "" {
		if j.Without[r.NotRun] == nil {
			j.reasons = append(j.reasons, r.NotRun)
		}
		j.Without[r.NotRun] = append(j.Without[r.NotRun], a.String())
		return
	}
	j.made++
	if r.Err != nil {
		j.refused++
	}
	if f, ok := a.Finding(r); ok {
		f.Engine, f.Server = j.Engine, j.Server
		j.findings, j.worked = append(j.findings, f), append(j.worked, a)
	}
}

// Items sums up.
func (j *Judgement) Items(table string) []finding.Item {
	promise := Promise(table)
	item := finding.Item{Promise: promise, Status: finding.Pass, Evidence: fmt.Sprintf("%d attacks, %d of them refused, and every row as it was", j.made, j.refused)}
	for _, f := range j.findings {
		if f.Severity == finding.Error {
			item.Status, item.Evidence = finding.Fail, fmt.Sprintf("%d of %d attacks; %s", len(j.findings), j.made, f.Message)
			break
		}
	}
	items := []finding.Item{item}
	for _, reason := range j.reasons {
		what := j.Without[reason][0]
		if more := len(j.Without[reason]) - 1; more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
		items = append(items, finding.Item{Promise: promise + ": " + what, Status: finding.NotRun, Evidence: reason})
	}
	return items
}

// Finding says what is wrong with the result of an attack. It reports false
// where nothing is, and where the attack was not run. The caller adds engine
// and server.
func (a Attack) Finding(r Result) (finding.Finding, bool) {
	f := finding.Finding{Rule: finding.AppendOnly, Severity: finding.Error, Object: &finding.ObjectRef{Kind: a.prey.object.Kind, Name: a.prey.object.Name}, Hint: a.hint()}
	what := a.prey.object.Name + ": " + a.Name
	if a.As != whoeverOpensIt {
		what += " as " + string(a.As)
	}
	switch {
	case r.NotRun != "" || a.Want == Possible:
		return finding.Finding{}, false
	case r.Changed():
		f.Want, f.Got = shownRows(r.Lost), shownRows(r.New)
		f.Message = fmt.Sprintf("%s %s %d of %d rows", what, r.verb(), len(r.Lost), r.Before)
		if f.Want == f.Got {
			f.Message += " into the same again"
		}
	case a.Want == Appends && r.Err != nil:
		f.Message = fmt.Sprintf("%s is refused: %s", what, words.OneLine(r.Err))
		f.Hint = "the guard refuses more than it should: a row that is valid and new must go in"
	case a.Want == Refused && r.Err == nil:
		f.Severity = finding.Warning
		f.Message = what + " passes without an error, and every row is as it was"
		f.Hint = "whoever sends it does not learn that it does nothing: raise an error instead"
	default:
		return finding.Finding{}, false
	}
	return f, true
}

// shownRows are rows for a person, in an order that no collation decides and without
// the version that Postgres gives each: one that was written again with the same
// values shows on both sides.
func shownRows(rows []string) string {
	shown := make([]string, len(rows))
	for i, row := range rows {
		shown[i] = rowVersion.ReplaceAllString(row, "")
	}
	slices.Sort(shown)
	return strings.Join(shown, "\n")
}

var rowVersion = regexp.MustCompile(` xmin [0-9]+$`)

// hint is the remedy and how to see the attack work.
func (a Attack) hint() string {
	steps := append(append([]string(nil), a.Prepare...), a.Session...)
	return a.Remedy + "\n    try: " + strings.Join(append(steps, a.SQL), "; ")
}

func Promise(table string) string { return table + " is append-only" }

// ByRemedy are the findings, one for all attacks against which the same helps: a
// table without a guard falls to dozens.
func (j *Judgement) ByRemedy() []finding.Finding {
	var findings []finding.Finding
	at, others := map[string]int{}, map[int][]string{}
	for i, f := range j.findings {
		key := string(f.Severity) + j.worked[i].Remedy
		if first, ok := at[key]; ok {
			others[first] = append(others[first], j.worked[i].String())
			continue
		}
		at[key] = len(findings)
		findings = append(findings, f)
	}
	for i, names := range others {
		shown := names[:min(len(names), mostAttacks)]
		findings[i].Message += fmt.Sprintf("; so do %s: %s", words.Plural(len(names), "attack"), strings.Join(shown, ", "))
		if more := len(names) - len(shown); more > 0 {
			findings[i].Message += fmt.Sprintf(" and %d more", more)
		}
	}
	return findings
}

// mostAttacks is how many attacks are named beside the first.
const mostAttacks = 8
