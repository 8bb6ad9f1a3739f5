package attack

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/generate"
)

// sqliteArsenal attacks an SQLite table.
type sqliteArsenal struct{}

var _ arsenal = sqliteArsenal{}

// What keeps an SQLite table append-only.
const (
	guardUpdate  = "triggers BEFORE UPDATE and BEFORE DELETE with SELECT RAISE(ABORT, …)"
	guardReplace = "a trigger BEFORE INSERT that refuses a collision under REPLACE: its deletion fires no delete trigger while recursive_triggers is off"
)

func (sqliteArsenal) literal(c preyColumn) string { return sqliteLiteral(c.name) }

// sqliteLiteral is quote() that does not stop at a NUL character.
func sqliteLiteral(name string) string {
	c := dialect.Name(name)
	return "CASE WHEN typeof(" + c + ") = 'text' AND instr(" + c + ", char(0)) THEN 'CAST(x''' || hex(" + c + ") || ''' AS TEXT)' ELSE quote(" + c + ") END"
}

func (sqliteArsenal) typed(_ preyColumn, literal string) string { return literal }

func (sqliteArsenal) physical() string { return "rowid" }

// attacks are made twice: whether REPLACE fires the delete triggers of the rows
// that it deletes hangs on a setting that every session is free to make.
func (a sqliteArsenal) attacks(p *prey) []Attack {
	once := slices.Concat(a.changes(p), a.collisions(p), a.replacements(p), a.bystanders(p), a.detours(p), a.cascades(p), a.harmless(p))
	var all []Attack
	for _, setting := range []string{"off", "on"} {
		for _, attack := range once {
			attack.Name += " (recursive_triggers " + setting + ")"
			attack.Session = append([]string{"PRAGMA recursive_triggers = " + setting}, attack.Session...)
			all = append(all, attack)
		}
	}
	return all
}

// changes are UPDATE and DELETE in all their forms.
func (sqliteArsenal) changes(p *prey) []Attack {
	t, first := p.name, p.first()
	a := Attack{Want: Refused, Remedy: guardUpdate}
	var all []Attack
	for _, c := range p.columns {
		all = append(all, a.each(charge{"UPDATE of " + c.name, "one row, another value", "UPDATE " + t + " SET " + p.assign(c) + " WHERE " + first})...)
	}
	for _, policy := range []string{"ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"} {
		all = append(all, a.each(charge{"UPDATE OR " + policy, "triggers inherit the conflict policy of the statement", "UPDATE OR " + policy + " " + t + " SET " + p.alter()})...)
	}
	return append(all, a.each(
		charge{"UPDATE of one row", "it writes the row again with the values that it has", "UPDATE " + t + " SET " + p.keep() + " WHERE " + first},
		charge{"UPDATE of every row", "no WHERE", "UPDATE " + t + " SET " + p.alter()},
		charge{"UPDATE FROM", "rows found by a join", "UPDATE " + t + " AS a SET " + dialect.Name(p.plain()) + " = b." + dialect.Name(p.plain()) + " FROM " + t + " AS b WHERE " + p.same("a", "b")},
		charge{"UPDATE RETURNING", "it is stepped like a query", "UPDATE " + t + " SET " + p.alter() + " RETURNING *"},
		charge{"UPDATE behind WITH", "", "WITH source(value) AS (SELECT " + p.fresh(0)[p.plain()] + ") UPDATE " + t + " SET " + dialect.Name(p.plain()) + " = (SELECT value FROM source)"},
		charge{"DELETE of one row", "", "DELETE FROM " + t + " WHERE " + first},
		charge{"DELETE of every row", "without a trigger SQLite would drop the pages without looking at rows", "DELETE FROM " + t},
		charge{"DELETE RETURNING", "it is stepped like a query", "DELETE FROM " + t + " RETURNING *"},
		charge{"DELETE behind WITH", "", "WITH target AS (SELECT 1) DELETE FROM " + t + " WHERE EXISTS (SELECT 1 FROM target)"},
	)...)
}

// collisions are statements that change the row that they collide with.
func (sqliteArsenal) collisions(p *prey) []Attack {
	const inherited = "deletes the row it collides with"
	replace := Attack{Want: Refused, Remedy: guardReplace}
	var all []Attack
	for _, k := range p.keys {
		row, ok := p.collision(k)
		if !ok {
			all = append(all, p.noCollision(k, whoeverOpensIt))
			continue
		}
		on, into := " on conflict of "+k.name, p.into(row)
		all = append(all, replace.each(
			charge{"INSERT OR REPLACE" + on, inherited, "INSERT OR REPLACE INTO " + into},
			charge{"REPLACE" + on, inherited, "REPLACE INTO " + into},
			charge{"REPLACE RETURNING" + on, inherited, "REPLACE INTO " + into + " RETURNING *"},
		)...)
		if auto := p.automatic(); auto != "" && !slices.Contains(k.columns, auto) {
			numberless := graft(row, Row{auto: "NULL"}, []string{auto})
			all = append(all, replace.each(charge{"REPLACE without a number" + on, "a trigger does not see the number yet", "REPLACE INTO " + p.into(numberless)})...)
		}
		all = append(all, Attack{Want: Refused, Remedy: guardUpdate}.each(
			charge{"UPDATE OR REPLACE" + on, "deletes the other row that has the key by then", "UPDATE OR REPLACE " + p.name + " SET " + p.move(k) + " WHERE " + p.first()},
			charge{"INSERT DO UPDATE" + on, "an insert by its looks", "INSERT INTO " + into + p.upsert(k, "")},
			charge{"INSERT of two rows DO UPDATE" + on, "the first one is new", "INSERT INTO " + p.into(p.fresh(1), row) + p.upsert(k, "")},
		)...)
	}
	return all
}

// move sets the key to that of another row that is there, if there is one.
func (p *prey) move(k preyKey) string {
	to := p.fresh(0)
	if len(p.Rows.There) > 1 {
		to = p.Rows.There[1]
	}
	terms := make([]string, len(k.columns))
	for i, c := range k.columns {
		terms[i] = dialect.Name(c) + " = " + to[c]
	}
	return strings.Join(terms, ", ")
}

func (p *prey) upsert(k preyKey, where string) string {
	c := dialect.Name(p.plain())
	return " ON CONFLICT (" + list(k.columns) + ") DO UPDATE SET " + c + " = excluded." + c + where
}

// automatic is the column that SQLite numbers by itself, "" if there is none.
func (p *prey) automatic() string {
	for _, c := range p.columns {
		alone := func(k preyKey) bool { return len(k.columns) == 1 && k.columns[0] == c.name }
		if c.typ == "integer" && slices.ContainsFunc(p.keys, alone) && p.keys[0].columns[0] == c.name {
			return c.name
		}
	}
	return ""
}

// replacements are REPLACE of more than one key or row at once.
func (sqliteArsenal) replacements(p *prey) []Attack {
	if len(p.keys) == 0 {
		return nil
	}
	var all []string
	for _, c := range p.columns {
		all = append(all, c.name)
	}
	columns := list(all)
	altered := strings.Replace(columns, dialect.Name(p.plain()), p.fresh(0)[p.plain()], 1)
	a := Attack{Want: Refused, Remedy: guardReplace}
	attacks := a.each(
		charge{"REPLACE of one row by one with all of its keys", "", "REPLACE INTO " + p.into(p.impostor())},
		charge{"REPLACE of three rows, the second one there", "a refusal must undo the first", "REPLACE INTO " + p.into(p.fresh(0), p.impostor(), p.fresh(1))},
		charge{"REPLACE of every row by a SELECT", "", "REPLACE INTO " + p.name + " (" + columns + ") SELECT " + altered + " FROM " + p.name},
	)
	if len(p.keys) > 1 && len(p.Rows.There) > 1 {
		a, b := p.keys[0].columns, p.keys[1].columns
		both := graft(graft(p.fresh(0), p.Rows.There[0], a), p.Rows.There[1], b)
		attacks = append(attacks, Attack{Want: Refused, Remedy: guardReplace}.each(
			charge{"REPLACE of two rows by one", "it has a key of each", "REPLACE INTO " + p.into(both)})...)
	}
	return append(attacks, Attack{Want: Harmless, Remedy: guardReplace}.each(
		charge{"REPLACE of every row by its exact copy", "nothing is different afterwards", "REPLACE INTO " + p.name + " (" + columns + ") SELECT " + columns + " FROM " + p.name},
		charge{"INSERT OR IGNORE of three rows, the second one there", "skips it", "INSERT OR IGNORE INTO " + p.into(p.fresh(0), p.impostor(), p.fresh(1))},
	)...)
}

// bystanders collide and leave alone what they collide with.
func (sqliteArsenal) bystanders(p *prey) []Attack {
	var all []Attack
	a := Attack{Want: Harmless, Remedy: guardReplace}
	for _, k := range p.keys {
		row, ok := p.collision(k)
		if !ok {
			continue // collisions says so
		}
		on, into := " on conflict of "+k.name, p.into(row)
		for _, verb := range []string{"INSERT", "INSERT OR ABORT", "INSERT OR FAIL", "INSERT OR ROLLBACK"} {
			all = append(all, a.each(charge{verb + on, "the key refuses it", verb + " INTO " + into})...)
		}
		all = append(all, a.each(
			charge{"INSERT OR IGNORE" + on, "skips the row", "INSERT OR IGNORE INTO " + into},
			charge{"INSERT DO NOTHING" + on, "skips the row", "INSERT INTO " + into + " ON CONFLICT (" + list(k.columns) + ") DO NOTHING"},
			charge{"INSERT DO UPDATE WHERE false" + on, "skips the row", "INSERT INTO " + into + p.upsert(k, " WHERE false")},
		)...)
	}
	return all
}

// detours reach the table through something else.
func (sqliteArsenal) detours(p *prey) []Attack {
	update, remove := "UPDATE "+p.name+" SET "+p.alter(), "DELETE FROM "+p.name
	other := func(body string) Attack {
		return Attack{Want: Refused, Remedy: guardUpdate, Prepare: []string{
			"CREATE TABLE handrail_other (id INTEGER)",
			"CREATE TRIGGER handrail_other_insert AFTER INSERT ON handrail_other BEGIN " + body + "; END",
		}, Undo: []string{"DROP TABLE handrail_other"}}
	}
	view := func(event, body string) Attack {
		return Attack{Want: Refused, Remedy: guardUpdate, Prepare: []string{
			"CREATE VIEW handrail_view AS SELECT * FROM " + p.name,
			"CREATE TRIGGER handrail_view_" + event + " INSTEAD OF " + event + " ON handrail_view BEGIN " + body + "; END",
		}, Undo: []string{"DROP VIEW handrail_view"}}
	}
	const insert = "INSERT INTO handrail_other VALUES (1)"
	all := slices.Concat(
		other(update).each(charge{"UPDATE in another table's trigger", "", insert}),
		other(remove).each(charge{"DELETE in another table's trigger", "", insert}),
		view("UPDATE", update).each(charge{"UPDATE of a view", "its trigger writes to the table", "UPDATE handrail_view SET " + p.alter()}),
		view("DELETE", remove).each(charge{"DELETE from a view", "its trigger writes to the table", "DELETE FROM handrail_view"}),
		Attack{Want: Refused, Remedy: guardUpdate}.each(charge{
			"INSERT with a TEMP trigger that deletes", "whoever has a connection can make one",
			"CREATE TEMP TRIGGER handrail_temp AFTER INSERT ON main." + p.name + " BEGIN " + remove + "; END; INSERT INTO " + p.into(p.fresh(0)),
		}),
		Attack{Want: Refused, Remedy: guardUpdate, Session: []string{"ATTACH ':memory:' AS handrail_attached"}}.each(charge{
			"UPDATE from an attached database", "the statement spans two",
			"CREATE TABLE handrail_attached.source AS SELECT " + p.fresh(0)[p.plain()] + " AS value; UPDATE main." + p.name + " SET " + dialect.Name(p.plain()) + " = (SELECT value FROM handrail_attached.source)",
		}),
	)
	if len(p.keys) == 0 {
		return all
	}
	into := p.into(p.impostor())
	replace := slices.Concat(
		other("REPLACE INTO "+into).each(charge{"REPLACE in another table's trigger", "", insert}),
		other("INSERT INTO "+into).each(charge{"INSERT in the trigger of another table under REPLACE", "it inherits the conflict policy of the outer statement", "REPLACE INTO handrail_other VALUES (1)"}),
		view("INSERT", "INSERT INTO "+into).each(charge{"INSERT OR REPLACE into a view", "the insert in its trigger inherits the conflict policy", "INSERT OR REPLACE INTO handrail_view SELECT * FROM handrail_view LIMIT 1"}),
	)
	for i := range replace {
		replace[i].Remedy = guardReplace
	}
	return append(all, replace...)
}

// cascades are changes that come from a table that this one references.
func (sqliteArsenal) cascades(p *prey) []Attack {
	a := Attack{Want: Refused, Remedy: guardUpdate, Session: []string{"PRAGMA foreign_keys = on"}, Prepare: []string{
		"PRAGMA foreign_keys = off", // a column with a default cannot be added otherwise
		"CREATE TABLE handrail_other (id INTEGER PRIMARY KEY)",
		"INSERT INTO handrail_other VALUES (1)",
		"ALTER TABLE " + p.name + " ADD COLUMN handrail_reference INTEGER DEFAULT 1 REFERENCES handrail_other (id) ON DELETE CASCADE ON UPDATE CASCADE",
	}}
	return a.each(
		charge{"DELETE in a table that it references", "the foreign key is ON DELETE CASCADE", "DELETE FROM handrail_other"},
		charge{"UPDATE in a table that it references", "the foreign key is ON UPDATE CASCADE", "UPDATE handrail_other SET id = 2"},
	)
}

// harmless are statements that touch no row that is there.
func (sqliteArsenal) harmless(p *prey) []Attack {
	return slices.Concat(
		Attack{Want: Harmless, Remedy: guardUpdate}.each(
			charge{"UPDATE WHERE false", "finds no row", "UPDATE " + p.name + " SET " + p.alter() + " WHERE false"},
			charge{"DELETE WHERE false", "finds no row", "DELETE FROM " + p.name + " WHERE false"},
			charge{"VACUUM", "writes the whole file again", "VACUUM"},
		),
		Attack{Want: Appends}.each(
			charge{"INSERT of a new row", "it must go on", "INSERT INTO " + p.into(p.fresh(0))},
			charge{"INSERT of two new rows", "it must go on", "INSERT INTO " + p.into(p.fresh(0), p.fresh(1))},
			charge{"REPLACE of no row", "nothing collides", "REPLACE INTO " + p.into(p.fresh(0))},
			charge{"INSERT OR IGNORE of a new row", "nothing collides", "INSERT OR IGNORE INTO " + p.into(p.fresh(0))},
		),
	)
}

// The exceptions, each with what it is good for.

func sqliteDropTrigger(p *prey) string {
	var b strings.Builder
	for _, g := range p.guards {
		b.WriteString("DROP TRIGGER " + dialect.Name(g.Name) + "; ")
	}
	return b.String() + "DELETE FROM " + p.name
}

func sqliteDropTable(p *prey) string { return "DROP TABLE " + p.name }

func sqliteWritableSchema(p *prey) string {
	return "PRAGMA writable_schema = on; DELETE FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = " + dialect.Literal(p.object.Name) +
		"; PRAGMA writable_schema = RESET; DELETE FROM " + p.name
}

// enter does nothing: SQLite has no roles.
func (sqliteArsenal) enter(context.Context, *sql.Conn, *prey, Role) (prepare, session []string, why string, err error) {
	return nil, nil, "", nil
}

func (sqliteArsenal) Unguard(ctx context.Context, conn *sql.Conn, p *prey) error {
	for _, g := range p.guards {
		if _, err := conn.ExecContext(ctx, "DROP TRIGGER "+dialect.Name(g.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (sqliteArsenal) rows(ctx context.Context, conn *sql.Conn, p *prey) ([]string, error) {
	names, err := engine.Column(ctx, conn, "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid", p.object.Name)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	expressions := make([]string, len(names))
	for i, name := range names {
		expressions[i] = sqliteLiteral(name)
	}
	return engine.Column(ctx, conn, "SELECT "+strings.Join(expressions, " || ', ' || ")+" FROM "+p.name+" ORDER BY 1")
}

// release ends the session: another costs nothing.
func (sqliteArsenal) release(_ context.Context, conn *sql.Conn) error {
	return generate.EndSession(conn)
}
