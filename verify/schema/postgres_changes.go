package schema

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A postgresReader finds out what has changed in a database by its catalogues
// alone, whoever changed it.
//
// A row that a transaction wrote has the number of that transaction in xmin, so
// that rows written since the last look are found by it; a comparison of
// numbers, in one scan of each catalogue. A row that went without another in
// its place leaves a smaller count of the rows that are not new; only then are
// the rows of that catalogue counted by what they belong to. What prints the
// name of a changed object changes with it: pg_depend says what that is. Where a
// name changes that is in no pg_depend, or nearly everything hangs on it,
// everything is read again.
type postgresReader struct {
	horizon string             // every transaction before it had ended at the last look
	roles   string             // digest of the roles' names
	own     string             // digest of what a copy has otherwise: owner, privileges and settings of the database, user mappings
	counts  []map[pgObject]int // for each of postgresCatalogues: rows by what they belong to
	totals  []int              // the sums of counts
	used    map[string]bool    // catalogues that had rows once
}

// A pgObject is an object as pg_depend names it: the oid of its catalogue and
// its own.
type pgObject struct{ class, oid uint32 }

const (
	pgTypeClass  = 1247
	pgProcClass  = 1255
	pgClassClass = 1259
)

// A catalogue is a system catalogue with the object that a row belongs to.
type catalogue struct {
	table   string
	where   string // SQL: the rows that are looked at; "" for all
	class   string // SQL: the catalogue of the object
	oid     string // SQL: the oid of the object; "" where a row belongs to none
	indexed string // SQL: finds the rows of the objects whose oids are $1, in the catalogues $2
	named   bool   // what belongs to no object is printed in places that are not known
}

// firstUserOID is FirstNormalObjectId of the server: smaller ones are its own.
const firstUserOID = " >= 16384"

// of is a catalogue whose rows belong to an object of one kind.
func of(class int, table, oid string) catalogue {
	return catalogue{table: table, where: oid + firstUserOID, class: strconv.Itoa(class), oid: oid, indexed: oid + " = ANY ($1::oid[])"}
}

// postgresCatalogues are all catalogues that the files in the folder postgres
// read, but for roles, user mappings, and what a copy of the database does not have.
var postgresCatalogues = []catalogue{
	of(pgClassClass, "pg_class", "oid"),
	of(pgClassClass, "pg_attribute", "attrelid"),
	of(pgClassClass, "pg_attrdef", "adrelid"),
	of(pgClassClass, "pg_constraint", "conrelid"),
	of(pgTypeClass, "pg_constraint", "contypid"),
	of(pgClassClass, "pg_index", "indrelid"),
	of(pgClassClass, "pg_trigger", "tgrelid"),
	of(pgClassClass, "pg_rewrite", "ev_class"),
	of(pgClassClass, "pg_policy", "polrelid"),
	of(pgClassClass, "pg_statistic_ext", "stxrelid"),
	of(pgClassClass, "pg_sequence", "seqrelid"),
	of(pgClassClass, "pg_inherits", "inhrelid"),
	of(pgClassClass, "pg_partitioned_table", "partrelid"),
	of(pgClassClass, "pg_foreign_table", "ftrelid"),
	of(pgProcClass, "pg_proc", "oid"),
	of(pgProcClass, "pg_aggregate", "aggfnoid"),
	of(pgTypeClass, "pg_type", "oid"),
	of(pgTypeClass, "pg_enum", "enumtypid"),
	of(pgTypeClass, "pg_range", "rngtypid"),
	{
		table: "pg_description", where: "(objoid" + firstUserOID + " OR objoid = to_regnamespace('public'))", class: "classoid", oid: "objoid",
		indexed: "objoid = ANY ($1::oid[]) AND classoid = ANY ($2::oid[])",
	},
	{
		table: "pg_depend", where: "objid" + firstUserOID, class: "classid", oid: "objid",
		indexed: "classid = ANY ($2::oid[]) AND objid = ANY ($1::oid[])",
	},
	{table: "pg_namespace", named: true},
	{table: "pg_extension", named: true},
	{table: "pg_collation", where: "oid" + firstUserOID, named: true},
	{table: "pg_operator", where: "oid" + firstUserOID, named: true},
	{table: "pg_opclass", where: "oid" + firstUserOID, named: true},
	{table: "pg_opfamily", where: "oid" + firstUserOID, named: true},
	{table: "pg_language", named: true},
	{table: "pg_am", named: true},
	{table: "pg_tablespace", named: true},
	{table: "pg_foreign_server", named: true},
	{table: "pg_ts_config", where: "oid" + firstUserOID, named: true},
	{table: "pg_ts_dict", where: "oid" + firstUserOID, named: true},
	{table: "pg_transform", named: true},
	{table: "pg_ts_parser", where: "oid" + firstUserOID},
	{table: "pg_ts_template", where: "oid" + firstUserOID},
	{table: "pg_ts_config_map", where: "mapcfg" + firstUserOID},
	{table: "pg_amop", where: "oid" + firstUserOID},
	{table: "pg_amproc", where: "oid" + firstUserOID},
	{table: "pg_cast", where: "oid" + firstUserOID},
	{table: "pg_conversion", where: "oid" + firstUserOID},
	{table: "pg_event_trigger"},
	{table: "pg_foreign_data_wrapper"},
	{table: "pg_publication"},
	{table: "pg_publication_rel"},
	{table: "pg_publication_namespace"},
	{table: "pg_seclabel"},
	{table: "pg_largeobject_metadata"},
	{table: "pg_default_acl"},
}

// postgresProbe counts the rows of each catalogue: the old ones together, those
// written by transaction $1 or a later one by the object that they belong to. What is
// no row of these catalogues is compared by its content.
var postgresProbe = sync.OnceValue(func() string {
	var parts []string
	for i, c := range postgresCatalogues {
		class, oid := cmp.Or(c.class, "1"), cmp.Or(c.oid, "1")
		parts = append(parts, fmt.Sprintf(
			`SELECT %d, class, object, count(*), '' FROM (
  SELECT CASE WHEN age(xmin) <= a.limit THEN %s::oid ELSE 0 END AS class, CASE WHEN age(xmin) <= a.limit THEN %s::oid ELSE 0 END AS object
  FROM %s, since a WHERE %s) x GROUP BY 2, 3`, i, class, oid, c.table, cmp.Or(c.where, "true")))
	}
	return `WITH since AS (SELECT age($1::text::xid) AS limit)
SELECT -1, 0::oid, 0::oid, 0::bigint, pg_snapshot_xmin(pg_current_snapshot())::text AS note
UNION ALL SELECT -2, 0, 0, 0, (SELECT coalesce(md5(string_agg(oid || ' ' || rolname, ', ' ORDER BY oid)), '') FROM pg_roles)
UNION ALL SELECT -3, 0, 0, 0, (SELECT md5(ROW(current_user, current_setting('quote_all_identifiers'), d.datdba, d.datacl,
  (SELECT string_agg(s.setrole || ' ' || s.setconfig::text, ', ' ORDER BY s.setrole) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
  (SELECT string_agg(umid || ' ' || umuser || ' ' || srvid || ' ' || coalesce(umoptions::text, ''), ', ' ORDER BY umid) FROM pg_user_mappings))::text)
  FROM pg_database d WHERE d.datname = current_database())
UNION ALL ` + strings.Join(parts, "\nUNION ALL\n")
})

// postgresCounts counts the rows of some catalogues by what they belong to: of
// all objects, or of those that $1 and $2 name.
func postgresCounts(named bool, which func(int) bool) string {
	var parts []string
	for i, c := range postgresCatalogues {
		if c.oid == "" || !which(i) {
			continue
		}
		where := c.where
		if named {
			where += " AND " + c.indexed
		}
		parts = append(parts, fmt.Sprintf("SELECT %d, %s::oid, %s, count(*), '' FROM %s WHERE %s GROUP BY 2, 3", i, c.class, c.oid, c.table, where))
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

var postgresCountsNamed = sync.OnceValue(func() string {
	return postgresCounts(true, func(int) bool { return true })
})

// postgresTouched lists the relations, functions and types that print a name of
// the objects $1 in the catalogues $2, or have it as a part. Row types and array
// types are left out. Class 0 stands for all objects of other kinds. OFFSET 0 makes the
// server look the few up by an index, where it would rather read all.
const postgresTouched = `
WITH RECURSIVE touched (class, object) AS (
  SELECT * FROM unnest($2::oid[], $1::oid[])
  UNION
  SELECT d.classid, d.objid FROM touched t
  CROSS JOIN LATERAL (SELECT d.classid, d.objid FROM pg_depend d WHERE d.refclassid = t.class AND d.refobjid = t.object OFFSET 0) d
), listed (class, object) AS (
SELECT 0::oid, 0::oid FROM touched WHERE class NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass,
  'pg_attrdef'::regclass, 'pg_trigger'::regclass, 'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass)
UNION SELECT class, object FROM touched WHERE class IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
UNION SELECT 1259, i.indrelid FROM touched t JOIN pg_index i ON t.class = 'pg_class'::regclass AND i.indexrelid = t.object
UNION SELECT 1247, c.reltype FROM touched t JOIN pg_class c ON t.class = 'pg_class'::regclass AND c.oid = t.object AND c.relkind = 'c'
UNION SELECT 1259, t.typrelid FROM touched x JOIN pg_type t ON x.class = 'pg_type'::regclass AND t.oid = x.object AND t.typrelid <> 0
UNION SELECT 1247, t.typelem FROM touched x JOIN pg_type t ON x.class = 'pg_type'::regclass AND t.oid = x.object AND t.typelem <> 0
UNION SELECT 1259, k.conrelid FROM touched t JOIN pg_constraint k ON t.class = 'pg_constraint'::regclass AND k.oid = t.object AND k.conrelid <> 0
UNION SELECT 1247, k.contypid FROM touched t JOIN pg_constraint k ON t.class = 'pg_constraint'::regclass AND k.oid = t.object AND k.contypid <> 0
UNION SELECT 1259, d.adrelid FROM touched t JOIN pg_attrdef d ON t.class = 'pg_attrdef'::regclass AND d.oid = t.object
UNION SELECT 1259, g.tgrelid FROM touched t JOIN pg_trigger g ON t.class = 'pg_trigger'::regclass AND g.oid = t.object
UNION SELECT 1259, r.ev_class FROM touched t JOIN pg_rewrite r ON t.class = 'pg_rewrite'::regclass AND r.oid = t.object
UNION SELECT 1259, p.polrelid FROM touched t JOIN pg_policy p ON t.class = 'pg_policy'::regclass AND p.oid = t.object
UNION SELECT 1259, s.stxrelid FROM touched t JOIN pg_statistic_ext s ON t.class = 'pg_statistic_ext'::regclass AND s.oid = t.object
)
SELECT class, object FROM listed
LEFT JOIN LATERAL (
  SELECT true AS printed FROM pg_type t WHERE t.oid = listed.object
    AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid) OFFSET 0) p ON true
WHERE class <> 'pg_type'::regclass OR printed`

func (r *postgresReader) read(ctx context.Context, db *sql.DB, all bool, stale func(owner)) (fresh []part, everything bool, err error) {
	err = readPostgres(ctx, db, func(tx *sql.Tx) error {
		var news postgresNews
		if !all {
			if news, err = r.changed(ctx, tx); err != nil {
				return err
			}
		}
		if everything = news.everything || all; everything {
			fresh, err = r.whole(ctx, tx)
			return err
		}
		fresh, err = r.part(ctx, tx, news, stale)
		return err
	})
	return fresh, everything, err
}

// whole reads everything, and counts everything anew.
func (r *postgresReader) whole(ctx context.Context, tx *sql.Tx) ([]part, error) {
	seen, err := probe(ctx, tx, firstTransaction)
	if err != nil {
		return nil, err
	}
	r.horizon, r.roles, r.own = seen.horizon, seen.roles, seen.own
	if r.counts, err = count(ctx, tx, postgresCounts(false, func(int) bool { return true })); err != nil {
		return nil, err
	}
	r.totals = seen.old
	for i, fresh := range seen.fresh {
		r.totals[i] += sum(fresh)
	}
	return queryParts(ctx, tx, postgresPartQuery(extract{all: true, empty: r.empty}))
}

// empty reports whether a catalogue has had no row since the first look that the
// whole statement would show. One that was used once is asked again, so that the
// statement stays the same and its plan is made once.
func (r *postgresReader) empty(table string) bool {
	if r.used[table] {
		return false
	}
	known := false
	for i, c := range postgresCatalogues {
		if c.table != table {
			continue
		}
		if known = true; r.totals[i] > 0 {
			r.used[table] = true
			return false
		}
	}
	return known
}

// firstTransaction is the first number that a transaction ever has.
const firstTransaction = "3"

// postgresNews are what was written, replaced or taken away since the last look.
type postgresNews struct {
	everything bool              // no telling what
	objects    map[pgObject]bool // these, and what belongs to them
	others     bool              // something that is no relation, function or type
}

func (r *postgresReader) changed(ctx context.Context, tx *sql.Tx) (postgresNews, error) {
	seen, err := probe(ctx, tx, r.horizon)
	if err != nil {
		return postgresNews{}, err
	}
	news := postgresNews{seen.roles != r.roles, map[pgObject]bool{}, seen.own != r.own}
	for i, c := range postgresCatalogues {
		if c.oid != "" {
			for o := range seen.fresh[i] {
				news.objects[o] = true
			}
			continue
		}
		if total := seen.old[i] + sum(seen.fresh[i]); total != r.totals[i] || len(seen.fresh[i]) > 0 {
			news.others, news.everything = true, news.everything || c.named
			r.totals[i] = total
		}
	}
	if news.everything {
		return news, nil
	}
	r.own = seen.own
	r.horizon = seen.horizon
	oids, classes := arrays(news.objects)
	now, err := count(ctx, tx, postgresCountsNamed(), oids, classes)
	if err != nil {
		return news, err
	}
	taken := map[int]bool{} // catalogues in which others than the changed objects lost rows
	for i, c := range postgresCatalogues {
		if c.oid == "" {
			continue
		}
		lost := r.totals[i] - seen.old[i]
		for o := range news.objects {
			lost -= r.counts[i][o] - (now[i][o] - seen.fresh[i][o])
			r.set(i, o, now[i][o])
		}
		taken[i] = lost != 0
		r.totals[i] = seen.old[i] + sum(seen.fresh[i])
	}
	return news, r.taken(ctx, tx, taken, news.objects)
}

// taken adds to changed the objects that have other counts of rows than before,
// in some of the catalogues.
func (r *postgresReader) taken(ctx context.Context, tx *sql.Tx, which map[int]bool, changed map[pgObject]bool) error {
	query := postgresCounts(false, func(i int) bool { return which[i] })
	if query == "" {
		return nil
	}
	now, err := count(ctx, tx, query)
	if err != nil {
		return err
	}
	for i := range postgresCatalogues {
		if !which[i] {
			continue
		}
		for o, n := range r.counts[i] {
			if now[i][o] != n {
				changed[o] = true
			}
		}
		r.counts[i] = now[i]
	}
	return nil
}

func (r *postgresReader) set(i int, o pgObject, n int) {
	if n == 0 {
		delete(r.counts[i], o)
		return
	}
	r.counts[i][o] = n
}

// part reads what prints the names of changed objects, and themselves.
func (r *postgresReader) part(ctx context.Context, tx *sql.Tx, news postgresNews, stale func(owner)) ([]part, error) {
	touched, err := r.touched(ctx, tx, news.objects)
	if err != nil {
		return nil, err
	}
	if news.others || touched[pgObject{}] {
		news.others = true
		stale(owner{})
	}
	kinds := []struct {
		class uint32
		kind  string
	}{{pgClassClass, "relation"}, {pgProcClass, "function"}, {pgTypeClass, "type"}}
	args, asked := make([]any, len(kinds)), make([]bool, len(kinds))
	for i, k := range kinds {
		list := []int64{}
		for o := range touched {
			if o.class == k.class {
				list = append(list, int64(o.oid))
				stale(owner{k.kind, int64(o.oid)})
			}
		}
		for o := range news.objects { // those that are gone
			if o.class == k.class {
				stale(owner{k.kind, int64(o.oid)})
			}
		}
		slices.Sort(list)
		args[i], asked[i] = list, len(list) > 0
	}
	query := postgresPartQuery(extract{relations: asked[0], functions: asked[1], types: asked[2], others: news.others, empty: r.empty})
	if query == "" {
		return nil, nil
	}
	return queryParts(ctx, tx, query, args...)
}

// touched runs postgresTouched.
func (r *postgresReader) touched(ctx context.Context, tx *sql.Tx, changed map[pgObject]bool) (touched map[pgObject]bool, err error) {
	oids, classes := arrays(changed)
	rows, err := tx.QueryContext(ctx, postgresTouched, oids, classes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	touched = map[pgObject]bool{}
	for rows.Next() {
		var o pgObject
		if err := rows.Scan(&o.class, &o.oid); err != nil {
			return nil, err
		}
		touched[o] = true
	}
	return touched, rows.Err()
}

// arrays are the oids and the catalogues of objects.
func arrays(objects map[pgObject]bool) (oids, classes []int64) {
	oids, classes = []int64{}, []int64{}
	for o := range objects {
		oids, classes = append(oids, int64(o.oid)), append(classes, int64(o.class))
	}
	return oids, classes
}

func sum(counts map[pgObject]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// A glance is what postgresProbe sees.
type glance struct {
	horizon, roles, own string
	old                 []int
	fresh               []map[pgObject]int
}

func probe(ctx context.Context, tx *sql.Tx, since string) (glance, error) {
	g := glance{old: make([]int, len(postgresCatalogues)), fresh: newCounts()}
	err := queryCounts(ctx, tx, func(i int, o pgObject, n int, note string) {
		switch {
		case i == -1:
			g.horizon = note
		case i == -2:
			g.roles = note
		case i == -3:
			g.own = note
		case o == pgObject{}:
			g.old[i] = n
		default:
			g.fresh[i][o] = n
		}
	}, postgresProbe(), since)
	if err != nil {
		return g, err
	}
	// The number with its epoch, of which xmin has the lower half.
	full, err := strconv.ParseUint(g.horizon, 10, 64)
	g.horizon = strconv.FormatUint(full&0xffffffff, 10)
	return g, err
}

func newCounts() []map[pgObject]int {
	counts := make([]map[pgObject]int, len(postgresCatalogues))
	for i := range counts {
		counts[i] = map[pgObject]int{}
	}
	return counts
}

func count(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]map[pgObject]int, error) {
	counts := newCounts()
	err := queryCounts(ctx, tx, func(i int, o pgObject, n int, _ string) { counts[i][o] = n }, query, args...)
	return counts, err
}

func queryCounts(ctx context.Context, tx *sql.Tx, see func(int, pgObject, int, string), query string, args ...any) (err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i, n int
		var o pgObject
		var note string
		if err := rows.Scan(&i, &o.class, &o.oid, &n, &note); err != nil {
			return err
		}
		see(i, o, n, note)
	}
	return rows.Err()
}
