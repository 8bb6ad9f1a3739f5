package verify

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/generate"
	"github.com/handrail-db/handrail/verify/internal/portable"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A question is whether what a check of one dialect refuses is refused on the
// other too, by whatever: a check, a type, a key.
type question struct {
	step   int
	judged bool
	table  string // as a portable snapshot calls it
	on     dialect.Dialect
	check  schema.Object
}

func (q question) object() finding.ObjectRef {
	name := q.check.Name
	if name == q.check.Prop("definition") {
		name = strings.TrimPrefix(name, "CHECK ")
	}
	return finding.ObjectRef{Kind: "check", Name: name + " on " + q.table}
}

// An unanswered question is one about which nobody knows.
type unanswered struct {
	question
	why string
}

func (u unanswered) promise() string {
	return fmt.Sprintf("%s refuses what %s refuses: check %s", dialectName(otherDialect(u.on)), dialectName(u.on), u.object().Name)
}

// answers are what came of all questions.
type answers struct {
	answered   int // how many
	rows       int // that were refused for it
	found      []disparity
	unanswered []unanswered
}

// question asks about the checks of a table that have no equal on the other side.
func (c *comparison) question(step int, table string, judged bool) {
	if len(c.now[dialect.Postgres][table].portable) == 0 || len(c.now[dialect.SQLite][table].portable) == 0 {
		return // the table itself is the difference
	}
	forms := map[dialect.Dialect]map[string]bool{dialect.Postgres: {}, dialect.SQLite: {}}
	for d := range forms {
		for _, o := range c.now[d][table].raw {
			if form, known := portable.Condition(o); o.Kind == "check" && known {
				forms[d][form] = true
			}
		}
	}
	for _, d := range dialect.All() {
		for _, o := range c.now[d][table].raw {
			if o.Kind != "check" || o.Prop("inherited") != "" {
				continue
			}
			if form, known := portable.Condition(o); !known || !forms[otherDialect(d)][form] {
				c.ask = append(c.ask, question{step, judged, table, d, o})
			}
		}
	}
}

// answers puts the questions to databases of both dialects, which climb together.
func (c *comparison) answers(ctx context.Context) (a answers) {
	if len(c.ask) == 0 {
		return a
	}
	p := &prober{parity: c.p, walks: map[dialect.Dialect]*prowler{}}
	defer func() {
		if err := p.close(); err != nil { // a database that stays is said where it was made
			a.unanswered = append(a.unanswered, unanswered{c.ask[len(c.ask)-1], words.OneLine(err)})
		}
	}()
	said := map[string]bool{}
	for _, q := range c.ask {
		d, n, err := p.answer(ctx, q, c.pairs[q.step])
		if err == nil {
			a.answered, a.rows = a.answered+1, a.rows+n
		}
		switch {
		case ctx.Err() != nil:
			return a
		case err != nil:
			a.unanswered = append(a.unanswered, unanswered{q, words.OneLine(err)})
		case d != nil && !said[d.key(q.table)]:
			said[d.key(q.table)] = true
			d.step, d.judged = q.step, q.judged
			a.found = append(a.found, *d)
		}
	}
	return a
}

// A prober writes rows on both dialects and looks which are refused.
type prober struct {
	parity  *parity
	walks   map[dialect.Dialect]*prowler
	benches map[dialect.Dialect]*bench // for a table after a step; nil: for none
	step    int
	table   string
}

// A prowler is a database that climbs, with the rows of the seeds.
type prowler struct {
	*walk.Place
	now    schema.Snapshot
	at     int // how many revisions it has climbed
	seeded int // how many of them, and of the next, have had their seed
}

func (p *prober) close() error {
	errs := []error{p.lift(context.Background())} // whatever ended, nothing is left open
	for _, w := range p.walks {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}

// climb takes the database of a dialect up to a version, and writes the rows that
// the seed of the next revision would find the tables ready for.
func (p *prober) climb(ctx context.Context, d dialect.Dialect, version int64) (*prowler, error) {
	w := p.walks[d]
	if w == nil {
		h, err := p.parity.subject.History(d)
		if err != nil {
			return nil, err
		}
		place, err := walk.At(ctx, p.parity.sides[d].engine, h, p.parity.subject)
		if err != nil {
			return nil, err
		}
		w = &prowler{Place: place}
		p.walks[d] = w
	}
	for w.at < len(w.History.Revisions) && w.History.Revisions[w.at].Version <= version {
		if err := w.seedNext(ctx); err != nil {
			return nil, err
		}
		if err := w.Step(ctx, finding.Up); err != nil {
			return nil, fmt.Errorf("revision %s: %w", w.History.Revisions[w.at], walk.Describe(err))
		}
		w.at++
	}
	if err := w.seedNext(ctx); err != nil {
		return nil, err
	}
	var err error
	w.now, err = w.Snapshot(ctx)
	return w, err
}

func (w *prowler) seedNext(ctx context.Context) error {
	if w.seeded > w.at || w.at >= len(w.History.Revisions) {
		return nil
	}
	w.seeded = w.at + 1
	return w.Seed(ctx, w.History.Revisions[w.at], nil)
}

// A bench is a table that is ready for rows which are all taken back: empty, and
// nothing but its types, keys and checks to refuse one.
type bench struct {
	*generate.Maker
	table *generate.Table
	base  generate.Row // a row that it takes
}

// lay prepares a table.
func (w *prowler) lay(ctx context.Context, d dialect.Dialect, local string) (*bench, error) {
	var name string
	for _, o := range w.now.Kind("table") {
		if (&side{dialect: d}).local(o.Name) == local {
			name = o.Name
		}
	}
	conn, err := w.Database.DB().Conn(ctx)
	if err != nil {
		return nil, err
	}
	b := &bench{Maker: generate.NewMaker(conn, d, w.now)}
	if b.table, err = b.Maker.Table(name); err == nil {
		err = b.clear(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.lift(ctx))
	}
	return b, nil
}

// clear opens the transaction in which all happens, takes the guards off and finds
// a row that the table takes.
func (b *bench) clear(ctx context.Context) error {
	if b.Dialect == dialect.SQLite {
		if _, err := b.Conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
			return err
		}
	}
	if err := b.Begin(ctx); err != nil {
		return err
	}
	prey, err := attack.NewPrey(b.Snap, b.Dialect, b.table.Name)
	if err != nil {
		return err
	}
	if err := prey.Arsenal.Unguard(ctx, b.Conn, prey); err != nil {
		return err
	}
	if b.Dialect == dialect.Postgres { // foreign keys too, if that may be
		if _, err := b.Try(ctx, "SET LOCAL session_replication_role = replica", true); err != nil {
			return err
		}
	}
	there, err := b.Read(ctx, b.table, 1)
	if err != nil {
		return err
	}
	if _, err := b.Try(ctx, "DELETE FROM "+b.table.SQL, true); err != nil {
		return err
	}
	if len(there) > 0 {
		b.base = there[0]
		if refused, err := b.Try(ctx, b.Insert(b.table, b.base), false); err != nil || refused == nil {
			return err
		}
	}
	b.base, err = b.Invent(ctx, b.table)
	return err
}

// lift takes all back.
func (b *bench) lift(ctx context.Context) error {
	_, err := b.Conn.ExecContext(ctx, "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		err = nil
	}
	return errors.Join(err, generate.EndSession(b.Conn))
}

// errUnknown is why a question has no answer.
type errUnknown struct{ why string }

func (e *errUnknown) Error() string { return e.why }

// lay prepares the table of a question on both sides, unless it is so already.
func (p *prober) lay(ctx context.Context, q question, at pair) error {
	if p.benches != nil && p.step == q.step && p.table == q.table {
		return nil
	}
	if err := p.lift(ctx); err != nil {
		return err
	}
	p.step, p.table = q.step, q.table
	laid := map[dialect.Dialect]*bench{}
	for _, d := range dialect.All() {
		w, err := p.climb(ctx, d, at.until[d])
		if err == nil {
			laid[d], err = w.lay(ctx, d, q.table)
		}
		if err != nil {
			delete(laid, d)
			p.benches = laid
			return errors.Join(fmt.Errorf("on %s: %w", dialectName(d), err), p.lift(ctx))
		}
	}
	p.benches = laid
	return nil
}

// lift ends what was prepared.
func (p *prober) lift(ctx context.Context) error {
	var errs []error
	for _, b := range p.benches {
		errs = append(errs, b.lift(ctx))
	}
	p.benches = nil
	return errors.Join(errs...)
}

// answer tries rows that the check may refuse. It reports a disparity where one is
// that the other side takes, and how many rows the check refused. The error says
// why nobody knows.
func (p *prober) answer(ctx context.Context, q question, at pair) (*disparity, int, error) {
	if err := p.lay(ctx, q, at); err != nil {
		return nil, 0, err
	}
	benches := p.benches
	mine, other := benches[q.on], benches[otherDialect(q.on)]
	columns := generate.CheckColumns(mine.table, q.check)
	if why := other.cannot(columns); why != "" {
		return nil, 0, &errUnknown{why}
	}
	if refused, err := other.trial(ctx, mine, columns, nil); err != nil {
		return nil, 0, err
	} else if refused != nil && len(columns) > 1 {
		return nil, 0, &errUnknown{fmt.Sprintf("no row was found that both dialects take: %s", words.OneLine(refused))}
	}
	return q.search(ctx, mine, other, columns)
}

// cannot says why a row with values in these columns cannot be written, "" where
// it can.
func (b *bench) cannot(columns []string) string {
	if len(columns) == 0 {
		return "it looks at no column"
	}
	for _, c := range columns {
		if at := b.table.Column(c); at < 0 || b.table.Columns[at].Computed {
			return fmt.Sprintf("column %s of %s is not there to be written on %s", c, b.table.Name, dialectName(b.Dialect))
		}
	}
	return ""
}

// trial writes a row, which is taken back: that of the bench, with the values of
// another bench in the columns of a check, and with changes in some of them.
func (b *bench) trial(ctx context.Context, like *bench, columns []string, changes generate.Row) (refused, err error) {
	return b.Try(ctx, b.statement(like, columns, changes), false)
}

// keeps reports whether a row that the bench takes holds the changes as they were
// written. What a type spells otherwise, as times are, is another value: the check
// may want that spelling.
func (b *bench) keeps(ctx context.Context, like *bench, columns []string, changes generate.Row) (kept bool, err error) {
	if _, err := b.Conn.ExecContext(ctx, "SAVEPOINT handrail_row"); err != nil {
		return false, err
	}
	defer func() {
		_, e := b.Conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT handrail_row")
		err = errors.Join(err, e)
	}()
	if _, err := b.Conn.ExecContext(ctx, b.statement(like, columns, changes)); err != nil {
		return false, err
	}
	there, err := b.Read(ctx, b.table, 1)
	if err != nil || len(there) != 1 {
		return len(there) > 0, err
	}
	for column, v := range changes {
		got := there[0][b.table.Columns[b.table.Column(column)].Name]
		if got.Text != v.Text && !sameNumber(got.Text, v.Text) {
			return false, nil
		}
	}
	return true, nil
}

func sameNumber(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, also := new(big.Rat).SetString(b)
	return ok && also && len(a)+len(b) < 200 && x.Cmp(y) == 0
}

func (b *bench) statement(like *bench, columns []string, changes generate.Row) string {
	row := generate.Row{}
	for name, value := range b.base {
		row[name] = value
	}
	for _, c := range columns {
		value, changed := changes[c]
		if !changed {
			value = like.base[like.table.Columns[like.table.Column(c)].Name]
		}
		if changed || len(columns) > 1 {
			row[b.table.Columns[b.table.Column(c)].Name] = value
		}
	}
	return b.Insert(b.table, row)
}

// search looks for a row that the check refuses and the other side takes: with
// another value in one of its columns or, where it refuses none of these, in two.
func (q question) search(ctx context.Context, mine, other *bench, columns []string) (*disparity, int, error) {
	refusals := 0
	for _, changes := range q.changes(mine, columns) {
		refused, err := mine.trial(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if refused == nil || !generate.SaysCheck(refused, q.check) {
			continue
		}
		refusals++
		there, err := other.trial(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if there != nil {
			continue
		}
		kept, err := other.keeps(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if kept {
			return q.disparity(other.statement(mine, columns, changes)), refusals, nil
		}
	}
	if refusals == 0 {
		return nil, 0, &errUnknown{"no row was found that this check refuses, so that none could be tried on " + dialectName(other.Dialect)}
	}
	return nil, refusals, nil
}

// mostPairs is how many rows are tried with other values in two columns.
const mostPairs = 1000

// changes are the values to try in the columns of a check.
func (q question) changes(mine *bench, columns []string) []generate.Row {
	var alone, pairs []generate.Row
	values := map[string][]rows.Value{}
	for _, column := range columns {
		c := mine.table.Columns[mine.table.Column(column)]
		values[column] = q.values(c, mine.base[c.Name])
		for _, v := range values[column] {
			alone = append(alone, generate.Row{column: v})
		}
	}
	for i, a := range columns {
		for _, b := range columns[i+1:] {
			for _, v := range values[a] {
				for _, w := range values[b] {
					pairs = append(pairs, generate.Row{a: v, b: w})
				}
			}
		}
	}
	return append(alone, pairs[:min(len(pairs), mostPairs)]...)
}

// values are what the check speaks of in the column, what is like the value that
// is there, and what nobody expects.
func (q question) values(c rows.Column, there rows.Value) []rows.Value {
	all := generate.Spoken(q.on, q.check)
	for _, v := range append(slices.Clone(all), there) {
		if v.Kind == rows.Text && len(v.Text) < finding.LongestValue {
			if v == there && v.Text != "" {
				_, n := utf8.DecodeRuneInString(v.Text)
				all = append(all, generate.TextValue("a"+v.Text[n:]), generate.TextValue("A"+v.Text[n:]))
			}
			all = append(all, generate.TextValue(`"`+v.Text+`"`), generate.TextValue(v.Text+"x"), generate.TextValue(strings.ToUpper(v.Text)), generate.TextValue(strings.ToLower(v.Text)))
		}
	}
	for _, text := range []string{"0", "1", "-1", "2147483647", "2147483648", "-2147483649", "1000000", "1.5"} {
		all = append(all, generate.NumberValue(text))
	}
	for _, text := range []string{"", "x", "X", " ", "handrail probe", "{}", "9999-12-31", "0001-01-01"} {
		all = append(all, generate.TextValue(text))
	}
	if strings.Contains(strings.ToLower(q.check.Prop("definition")), "typeof") {
		all = append(all, rows.Value{Kind: rows.Blob, Text: "\x00"})
	}
	// A text in a column of numbers says nothing of the check.
	return slices.DeleteFunc(all, func(v rows.Value) bool {
		return q.on == dialect.Postgres && v.Kind == rows.Text && generate.Numeric(strings.ToLower(c.Type))
	})
}

func (q question) disparity(row string) *disparity {
	o := q.object()
	here, there := dialectName(q.on), dialectName(otherDialect(q.on))
	return &disparity{
		object: o, only: q.on, rows: words.Cut(row),
		what: fmt.Sprintf("check %s refuses on %s what %s takes", o.Name, here, there),
		hint: fmt.Sprintf("refuse it on %s too, or say in a file of the revision why not: -- handrail:only %s %s because …", there, q.on, strings.Split(o.Name, " on ")[0]),
	}
}
