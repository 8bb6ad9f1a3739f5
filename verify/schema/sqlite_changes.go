package schema

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A sqliteReader keeps what it made of each row of sqlite_schema. The rows are
// read every time, as SQLite itself does after a change; what costs is asking
// for the columns, and making objects of the text. That is done again for the
// rows that are new, and for what depends on other rows: the columns of a view
// on what it selects from, and what stands in "…", which is a name or a string,
// on all names.
type sqliteReader struct {
	sqliteCatalogue
	last int64 // id of an entry
}

// own are names that are known in every trigger and upsert.
var own = []string{"new", "old", "excluded"}

func (r *sqliteReader) read(ctx context.Context, db *sql.DB, all bool, stale func(owner)) (fresh []part, everything bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if all {
		r.sqliteCatalogue = sqliteCatalogue{map[sqliteRow]*sqliteEntry{}, map[string]*sqliteEntry{}, sqltext.NameSet{}}
		for _, name := range own {
			r.known[name] = 1
		}
	}
	news := sqliteNews{reader: r, again: map[*sqliteEntry]bool{}, changed: map[string]bool{}, knew: map[string]bool{}}
	gone, err := news.rows(ctx, tx)
	if err != nil {
		return nil, false, err
	}
	if err := news.depend(ctx, tx); err != nil {
		return nil, false, err
	}
	for _, e := range gone {
		stale(e.owner())
	}
	for e := range news.again {
		stale(e.owner())
		objects, err := r.objects(e)
		if err != nil {
			return nil, false, err
		}
		for _, o := range objects {
			fresh = append(fresh, part{o, e.owner()})
		}
	}
	stale(owner{})
	header, err := readHeader(ctx, tx)
	for _, o := range header {
		fresh = append(fresh, part{Object: o})
	}
	return fresh, all, err
}

func (e *sqliteEntry) owner() owner { return owner{"entry", e.id} }

// sqliteNews are what a reader finds changed, on the way from rows to entries.
type sqliteNews struct {
	reader  *sqliteReader
	again   map[*sqliteEntry]bool // of which objects are to be made
	changed map[string]bool       // names of entries that came, went or have other columns
	knew    map[string]bool       // of names that were touched: whether they were known
}

// rows takes in the rows that are new, and lists the entries of those that are
// there no more.
func (n *sqliteNews) rows(ctx context.Context, tx *sql.Tx) (gone []*sqliteEntry, err error) {
	there, err := readRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	entries := n.reader.entries
	kept := 0
	for _, row := range there {
		if entries[row] != nil {
			kept++
		}
	}
	if kept < len(entries) {
		now := make(map[sqliteRow]bool, len(there))
		for _, row := range there {
			now[row] = true
		}
		for row, e := range entries {
			if !now[row] {
				gone = append(gone, e)
				n.forget(row, e)
			}
		}
	}
	for _, row := range there {
		if entries[row] != nil {
			continue
		}
		if err := n.take(row); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

func readRows(ctx context.Context, tx *sql.Tx) (there []sqliteRow, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row sqliteRow
		if err := rows.Scan(&row.kind, &row.name, &row.table, &row.text); err != nil {
			return nil, err
		}
		there = append(there, row)
	}
	return there, rows.Err()
}

func (n *sqliteNews) forget(row sqliteRow, e *sqliteEntry) {
	delete(n.reader.entries, row)
	n.changed[sqltext.Fold(e.name)] = true
	n.count(e.name, -1)
	n.setColumns(e, nil)
	if n.reader.relations[sqltext.Fold(e.name)] == e {
		delete(n.reader.relations, sqltext.Fold(e.name))
	}
}

func (n *sqliteNews) take(row sqliteRow) error {
	n.reader.last++
	e := &sqliteEntry{sqliteRow: row, id: n.reader.last}
	tokens, err := sqltext.Canonical(row.text)
	if err != nil {
		return e.error(err)
	}
	if len(tokens) > 1 && tokens[1].Is("virtual") {
		e.kind = VirtualTable
	}
	if e.kind == "view" {
		e.words = map[string]bool{}
	}
	for _, t := range tokens {
		if folded := sqltext.Fold(t.Name); t.Maybe && folded != t.Name {
			e.maybe = append(e.maybe, folded)
		}
		if e.words != nil && t.Name != "" {
			e.words[sqltext.Fold(t.Name)] = true
		}
	}
	n.reader.entries[row] = e
	n.again[e] = true
	n.changed[sqltext.Fold(e.name)] = true
	n.count(e.name, 1)
	if e.kind != "index" && e.kind != "trigger" {
		n.reader.relations[sqltext.Fold(e.name)] = e
	}
	return nil
}

const (
	VirtualTable = "virtual table"
	ShadowTable  = "shadow table"
)

// count changes how many things have a name.
func (n *sqliteNews) count(name string, by int) {
	known, name := n.reader.known, sqltext.Fold(name)
	if _, touched := n.knew[name]; !touched {
		n.knew[name] = known[name] > 0
	}
	if known[name] += by; known[name] == 0 {
		delete(known, name)
	}
}

func (n *sqliteNews) setColumns(e *sqliteEntry, columns []sqliteColumn) {
	for _, c := range e.columns {
		n.count(c.name, -1)
	}
	for _, c := range columns {
		n.count(c.name, 1)
	}
	e.columns = columns
}

// depend finds what depends on the rows that came or went.
func (n *sqliteNews) depend(ctx context.Context, tx *sql.Tx) error {
	if len(n.changed) == 0 {
		return nil
	}
	if err := n.shadows(ctx, tx); err != nil {
		return err
	}
	n.views()
	for e := range n.again {
		if n.reader.relations[sqltext.Fold(e.name)] != e {
			continue
		}
		if err := n.readColumns(ctx, tx, e); err != nil {
			return e.error(err)
		}
	}
	flipped := map[string]bool{}
	for name, knew := range n.knew {
		if knew != (n.reader.known[name] > 0) {
			flipped[name] = true
		}
	}
	for _, e := range n.reader.entries {
		if slices.ContainsFunc(e.maybe, func(name string) bool { return flipped[name] }) {
			n.again[e] = true
		}
	}
	return nil
}

// shadows finds out which tables are the shadows of virtual ones. SQLite goes
// through all views to say so: it is only asked where there is a virtual table.
// The columns of virtual tables are the business of their modules, and are
// asked for whatever has changed.
func (n *sqliteNews) shadows(ctx context.Context, tx *sql.Tx) error {
	virtual := false
	for _, e := range n.reader.relations {
		if e.kind == VirtualTable {
			virtual, n.again[e] = true, true
		}
	}
	shadows := map[string]bool{}
	if virtual {
		var err error
		if shadows, err = readShadows(ctx, tx); err != nil {
			return err
		}
	}
	for _, e := range n.reader.relations {
		kind := "table"
		if shadows[e.name] {
			kind = ShadowTable
		}
		switch {
		case e.kind != "table" && e.kind != ShadowTable:
		case e.kind != kind, kind == ShadowTable && n.changed[sqltext.Fold(shadowed(e.name))]:
			e.kind, n.again[e] = kind, true
		}
	}
	return nil
}

func readShadows(ctx context.Context, tx *sql.Tx) (shadows map[string]bool, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	shadows = map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		shadows[name] = true
	}
	return shadows, rows.Err()
}

// views finds the views that select from what has changed, and from each other.
func (n *sqliteNews) views() {
	for found := true; found; {
		found = false
		for _, e := range n.reader.relations {
			if e.kind == "view" && !n.again[e] && mentions(e.words, n.changed) {
				found, n.again[e], n.changed[sqltext.Fold(e.name)] = true, true, true
			}
		}
	}
}

func mentions(words, names map[string]bool) bool {
	if len(words) > len(names) {
		words, names = names, words
	}
	for w := range words {
		if names[w] {
			return true
		}
	}
	return false
}

// readColumns reads the columns of a table or view. That fails on a view whose
// tables are gone, which SQLite allows: the view is there all the same.
func (n *sqliteNews) readColumns(ctx context.Context, tx *sql.Tx, e *sqliteEntry) error {
	columns, err := readColumns(ctx, tx, e.name)
	e.broken = ""
	var code interface{ Code() int }
	if e.kind != "table" && errors.As(err, &code) && code.Code()&0xff == sqliteError {
		e.broken, err = "yes", nil
	}
	n.setColumns(e, columns)
	return err
}

// sqliteError is SQLITE_ERROR: something is wrong with the SQL, and not with
// the file or the machine.
const sqliteError = 1

func readColumns(ctx context.Context, tx *sql.Tx, relation string) (columns []sqliteColumn, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid`, relation)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c sqliteColumn
		if err := rows.Scan(&c.name, &c.declared, &c.notNull, &c.value, &c.key, &c.hidden); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}
