package attack

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/generate"
)

// postgresArsenal attacks a Postgres table.
type postgresArsenal struct{}

var _ arsenal = postgresArsenal{}

// applicationRole stands for the application: a predefined role, so that
// nothing is made in the cluster and the grants die with the database.
const applicationRole = "pg_monitor"

// What keeps a Postgres table append-only.
const (
	guardRows     = "a trigger BEFORE UPDATE OR DELETE … FOR EACH ROW that raises an error"
	guardTruncate = "a trigger BEFORE TRUNCATE … FOR EACH STATEMENT that raises an error: TRUNCATE fires no row trigger"
	guardAlways   = "ALTER TABLE … ENABLE ALWAYS TRIGGER: other triggers do not fire while session_replication_role is replica"
	guardRole     = "REVOKE it: an application needs SELECT and INSERT alone, and owns nothing"
)

func (postgresArsenal) literal(c preyColumn) string {
	return "quote_nullable(" + dialect.Name(c.name) + "::text)"
}

func (postgresArsenal) typed(c preyColumn, literal string) string { return literal + "::" + c.typ }

func (postgresArsenal) physical() string { return "ctid" }

// attacks are the same few for every role, since a guard asks nobody who he is,
// and in all forms for the owner, a part that every connection can play.
func (a postgresArsenal) attacks(p *prey) []Attack {
	var all []Attack
	for _, role := range []Role{Owner, Superuser, AllPrivileges, Application} {
		keys := p.keys
		if role != Owner {
			keys = keys[:min(1, len(keys))]
		}
		all = append(all, a.changes(p, role)...)
		all = append(all, a.collisions(p, role, keys)...)
		all = append(all, a.truncations(p, role)...)
		all = append(all, a.detours(p, role)...)
		all = append(all, a.harmless(p, role)...)
		switch role {
		case Owner:
			all = append(all, a.forms(p, role)...)
		case Superuser:
			all = append(all, a.replica(p)...)
		default:
			all = append(all, a.seizures(p, role)...)
		}
	}
	return all
}

// changes are UPDATE and DELETE of one row and of every row.
func (postgresArsenal) changes(p *prey, as Role) []Attack {
	t, first := p.name, p.first()
	merge := "MERGE INTO " + t + " AS a USING " + t + " AS b ON " + p.same("a", "b") + " WHEN MATCHED THEN "
	return Attack{As: as, Want: Refused, Remedy: guardRows}.each(
		charge{"UPDATE of one row", "it writes the row again with the values that it has", "UPDATE " + t + " SET " + p.keep() + " WHERE " + first},
		charge{"UPDATE of every row", "no WHERE", "UPDATE " + t + " SET " + p.alter()},
		charge{"DELETE of one row", "found by its key", "DELETE FROM " + t + " WHERE " + first},
		charge{"DELETE of every row", "no WHERE", "DELETE FROM " + t},
		charge{"MERGE WHEN MATCHED THEN UPDATE", "no UPDATE by its looks", merge + "UPDATE SET " + p.alter()},
		charge{"MERGE WHEN MATCHED THEN DELETE", "no DELETE by its looks", merge + "DELETE"},
	)
}

// forms are UPDATE of each column, and the other ways of writing UPDATE and
// DELETE.
func (postgresArsenal) forms(p *prey, as Role) []Attack {
	t, c := p.name, dialect.Name(p.plain())
	a := Attack{As: as, Want: Refused, Remedy: guardRows}
	var all []Attack
	for _, c := range p.columns {
		all = append(all, a.each(charge{"UPDATE of " + c.name, "another value in one row", "UPDATE " + t + " SET " + p.assign(c) + " WHERE " + p.first()})...)
	}
	const cursor, disguise = "through a cursor", "a SELECT by its looks"
	declare := "DECLARE handrail_cursor CURSOR FOR SELECT * FROM " + t + " FOR UPDATE; FETCH handrail_cursor; "
	return append(all, a.each(
		charge{"UPDATE FROM", "rows found by a join", "UPDATE " + t + " AS a SET " + c + " = b." + c + " FROM " + t + " AS b WHERE " + p.same("a", "b")},
		charge{"UPDATE in WITH", disguise, "WITH changed AS (UPDATE " + t + " SET " + p.alter() + " RETURNING 1) SELECT count(*) FROM changed"},
		charge{"UPDATE WHERE CURRENT OF", cursor, declare + "UPDATE " + t + " SET " + p.alter() + " WHERE CURRENT OF handrail_cursor"},
		charge{"DELETE USING", "rows found by a join", "DELETE FROM " + t + " AS a USING " + t + " AS b WHERE " + p.same("a", "b")},
		charge{"DELETE in WITH", disguise, "WITH gone AS (DELETE FROM " + t + " RETURNING 1) SELECT count(*) FROM gone"},
		charge{"DELETE WHERE CURRENT OF", cursor, declare + "DELETE FROM " + t + " WHERE CURRENT OF handrail_cursor"},
		charge{"DELETE under EXPLAIN ANALYZE", "it runs what it explains", "EXPLAIN ANALYZE DELETE FROM " + t},
	)...)
}

// collisions are inserts that meet a row with the same key.
func (postgresArsenal) collisions(p *prey, as Role, keys []preyKey) []Attack {
	var all []Attack
	for _, k := range keys {
		row, ok := p.collision(k)
		if !ok {
			all = append(all, p.noCollision(k, as))
			continue
		}
		on, target := " on conflict of "+k.name, " ON CONFLICT ("+list(k.columns)+") "
		update := target + "DO UPDATE SET " + dialect.Name(p.plain()) + " = EXCLUDED." + dialect.Name(p.plain())
		all = append(all, Attack{As: as, Want: Refused, Remedy: guardRows}.each(
			charge{"INSERT DO UPDATE" + on, "an insert by its looks", "INSERT INTO " + p.into(row) + update},
			charge{"INSERT of two rows DO UPDATE" + on, "the first one is new", "INSERT INTO " + p.into(p.fresh(1), row) + update},
		)...)
		all = append(all, Attack{As: as, Want: Harmless}.each(
			charge{"INSERT" + on, "the key refuses it", "INSERT INTO " + p.into(row)},
			charge{"INSERT DO NOTHING" + on, "skips the row", "INSERT INTO " + p.into(row) + target + "DO NOTHING"},
			charge{"INSERT DO UPDATE WHERE false" + on, "skips the row", "INSERT INTO " + p.into(row) + update + " WHERE false"},
		)...)
	}
	return all
}

// detours reach the table through something else.
func (postgresArsenal) detours(p *prey, as Role) []Attack {
	space, _ := SplitQualified(p.name)
	view, function, other := space+"handrail_view", space+"handrail_delete", space+"handrail_other"
	grant := "GRANT ALL ON %s TO " + applicationRole
	a := Attack{As: as, Want: Refused, Remedy: guardRows}
	through := a
	through.Prepare = []string{"CREATE VIEW " + view + " AS SELECT * FROM " + p.name, fmt.Sprintf(grant, view)}
	through.Undo = []string{"DROP VIEW " + view}
	all := through.each(
		charge{"UPDATE of a view", "it writes with the rights of the view's owner", "UPDATE " + view + " SET " + p.alter()},
		charge{"DELETE from a view", "it writes with the rights of the view's owner", "DELETE FROM " + view},
	)
	through.Prepare = []string{"CREATE FUNCTION " + function + "() RETURNS void LANGUAGE sql SECURITY DEFINER AS " + dialect.Literal("DELETE FROM "+p.name)}
	through.Undo = []string{"DROP FUNCTION " + function + "()"}
	all = append(all, through.each(charge{"DELETE in a SECURITY DEFINER function", "it runs with the rights of whoever made the function", "SELECT " + function + "()"})...)
	if len(p.keys) > 0 {
		k := list(p.keys[0].columns)
		through.Prepare = []string{
			"CREATE TABLE " + other + " AS SELECT " + k + " FROM " + p.name,
			"ALTER TABLE " + other + " ADD PRIMARY KEY (" + k + ")",
			"ALTER TABLE " + p.name + " ADD CONSTRAINT handrail_reference FOREIGN KEY (" + k + ") REFERENCES " + other + " ON DELETE CASCADE",
			fmt.Sprintf(grant, other),
		}
		through.Undo = []string{"ALTER TABLE " + p.name + " DROP CONSTRAINT handrail_reference", "DROP TABLE " + other}
		all = append(all, through.each(charge{"DELETE in a table that it references", "the foreign key is ON DELETE CASCADE", "DELETE FROM " + other})...)
		through.Remedy = guardTruncate
		all = append(all, through.each(charge{"TRUNCATE CASCADE of a table that it references", "it empties all that refers to that table", "TRUNCATE " + other + " CASCADE"})...)
	}
	if fn := p.guardFunction(); fn != "" {
		_, local := SplitQualified(fn)
		shadow := "CREATE FUNCTION pg_temp." + local + "() RETURNS trigger LANGUAGE plpgsql AS " + dialect.Literal(passBody) + "; SET search_path = pg_temp, public, pg_catalog; "
		all = append(all, a.each(charge{"DELETE with a shadow of the trigger's function", "another function of that name comes first on the search path when the trigger fires", shadow + "DELETE FROM " + p.name})...)
	}
	return all
}

// passBody is the body of a trigger function that lets everything pass.
const passBody = "BEGIN RETURN coalesce(NEW, OLD); END"

// truncations are TRUNCATE in all its forms.
func (postgresArsenal) truncations(p *prey, as Role) []Attack {
	a := Attack{As: as, Want: Refused, Remedy: guardTruncate}
	all := a.each(
		charge{"TRUNCATE", "it fires no row trigger", "TRUNCATE " + p.name},
		charge{"TRUNCATE RESTART IDENTITY", "it would hand out numbers again", "TRUNCATE " + p.name + " RESTART IDENTITY"},
	)
	if len(p.keys) == 0 {
		return all
	}
	space, _ := SplitQualified(p.name)
	other, k := space+"handrail_other", list(p.keys[0].columns)
	a.Prepare = []string{
		"CREATE TABLE " + other + " AS SELECT " + k + " FROM " + p.name,
		"ALTER TABLE " + other + " ADD FOREIGN KEY (" + k + ") REFERENCES " + p.name + " (" + k + ")",
		"GRANT ALL ON " + other + " TO " + applicationRole,
	}
	a.Undo = []string{"DROP TABLE " + other}
	return append(all, a.each(
		charge{"TRUNCATE CASCADE", "with a table that references it", "TRUNCATE " + p.name + " CASCADE"},
		charge{"TRUNCATE of two tables", "it and one that references it", "TRUNCATE " + other + ", " + p.name},
	)...)
}

// harmless are statements that touch no row that is there.
func (postgresArsenal) harmless(p *prey, as Role) []Attack {
	swallow := "DO " + dialect.Literal("BEGIN DELETE FROM "+p.name+"; EXCEPTION WHEN OTHERS THEN NULL; END")
	all := Attack{As: as, Want: Harmless, Remedy: guardRows}.each(
		charge{"UPDATE WHERE false", "finds no row", "UPDATE " + p.name + " SET " + p.alter() + " WHERE false"},
		charge{"DELETE WHERE false", "finds no row", "DELETE FROM " + p.name + " WHERE false"},
		charge{"SELECT FOR UPDATE", "locks rows, and the database may write the lock into them", "SELECT * FROM " + p.name + " FOR UPDATE"},
		charge{"DELETE whose refusal is swallowed", "passes after the refusal", swallow},
	)
	return append(all, Attack{As: as, Want: Appends}.each(
		charge{"INSERT of a new row", "it must go on", "INSERT INTO " + p.into(p.fresh(0))},
		charge{"INSERT of two new rows", "it must go on", "INSERT INTO " + p.into(p.fresh(0), p.fresh(1))},
	)...)
}

// replica are changes in the session of a replication worker.
func (postgresArsenal) replica(p *prey) []Attack {
	a := Attack{As: Superuser, Want: Refused, Session: []string{"SET session_replication_role = replica"}, Remedy: guardAlways}
	const reason = "ordinary triggers do not fire there"
	return a.each(
		charge{"UPDATE in a replica's session", reason, "UPDATE " + p.name + " SET " + p.alter()},
		charge{"DELETE in a replica's session", reason, "DELETE FROM " + p.name},
		charge{"TRUNCATE in a replica's session", reason, "TRUNCATE " + p.name},
	)
}

// seizures are attempts of the application at what belongs to the owner, each
// followed by what it would be good for.
func (postgresArsenal) seizures(p *prey, as Role) []Attack {
	then := "; DELETE FROM " + p.name
	charges := []charge{
		{"ALTER TABLE DISABLE TRIGGER", "for the owner alone", "ALTER TABLE " + p.name + " DISABLE TRIGGER USER" + then},
		{"DROP TABLE", "for the owner alone", postgresDropTable(p)},
		{"ALTER TABLE ALTER COLUMN TYPE USING", "for the owner alone", postgresRewrite(p)},
		{"ALTER TABLE DROP COLUMN", "for the owner alone", postgresDropColumn(p)},
		{"ALTER TABLE OWNER TO", "for the owner alone", "ALTER TABLE " + p.name + " OWNER TO " + applicationRole + then},
		{"SET session_replication_role", "for a superuser alone", "SET session_replication_role = replica" + then},
	}
	for _, g := range p.guards {
		charges = append(charges, charge{"DROP TRIGGER " + g.Name, "for the owner alone", "DROP TRIGGER " + dialect.Name(g.Name) + " ON " + p.name + then})
	}
	if fn := p.guardFunction(); fn != "" {
		charges = append(charges,
			charge{"CREATE OR REPLACE of the trigger's function", "for its owner alone", "CREATE OR REPLACE FUNCTION " + fn + "() RETURNS trigger LANGUAGE plpgsql AS " + dialect.Literal(passBody) + then},
			charge{"ALTER of the trigger's function", "for its owner alone", "ALTER FUNCTION " + fn + "() RENAME TO handrail_renamed" + then},
			charge{"DROP of the trigger's function", "for its owner alone", "DROP FUNCTION " + fn + "() CASCADE" + then},
		)
	}
	return Attack{As: as, Want: Refused, Remedy: guardRole}.each(charges...)
}

// The exceptions, each with what it is good for.

func postgresDisable(p *prey) string {
	return "ALTER TABLE " + p.name + " DISABLE TRIGGER USER; DELETE FROM " + p.name
}

func postgresDropTrigger(p *prey) string {
	var b strings.Builder
	for _, g := range p.guards {
		b.WriteString("DROP TRIGGER " + dialect.Name(g.Name) + " ON " + p.name + "; ")
	}
	return b.String() + "DELETE FROM " + p.name
}

func postgresReplaceFunction(p *prey) string {
	fn := p.guardFunction()
	if fn == "" {
		return ""
	}
	return "CREATE OR REPLACE FUNCTION " + fn + "() RETURNS trigger LANGUAGE plpgsql AS " + dialect.Literal(passBody) + "; DELETE FROM " + p.name
}

func postgresRewrite(p *prey) string {
	c := p.plain()
	i := slices.IndexFunc(p.columns, func(o preyColumn) bool { return o.name == c })
	return "ALTER TABLE " + p.name + " ALTER COLUMN " + dialect.Name(c) + " TYPE " + p.columns[i].typ + " USING " + p.fresh(0)[c]
}

func postgresDropColumn(p *prey) string {
	return "ALTER TABLE " + p.name + " DROP COLUMN " + dialect.Name(p.plain()) + " CASCADE"
}

func postgresDropTable(p *prey) string { return "DROP TABLE " + p.name + " CASCADE" }

// guardFunction is the function of the first trigger of the table, qualified.
func (p *prey) guardFunction() string {
	for _, g := range p.guards {
		if _, call, ok := strings.Cut(g.Prop("definition"), " EXECUTE FUNCTION "); ok {
			name, _, _ := strings.Cut(call, "(")
			return name
		}
	}
	return ""
}

// SplitQualified takes a name apart into its schema with the dot, "" where it
// has none, and the rest.
func SplitQualified(name string) (space, local string) {
	quoted := false
	for i, c := range name {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '.' && !quoted:
			return name[:i+1], name[i+1:]
		}
	}
	return "", name
}

func (postgresArsenal) enter(ctx context.Context, conn *sql.Conn, p *prey, as Role) (prepare, session []string, why string, err error) {
	var super bool
	err = conn.QueryRowContext(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super)
	if err != nil {
		return nil, nil, "", err
	}
	space, _ := SplitQualified(p.name)
	grant := func(what string) {
		if space != "" {
			prepare = append(prepare, "GRANT USAGE ON SCHEMA "+strings.TrimSuffix(space, ".")+" TO "+applicationRole)
		}
		prepare = append(prepare, "GRANT "+what+" ON "+p.name+" TO "+applicationRole)
		session = []string{"SET ROLE " + applicationRole}
	}
	switch as {
	case Superuser:
		if !super {
			why = "the role of the connection is no superuser"
		}
	case Owner:
		if !super { // it owns what it made
			break
		}
		grant("SELECT")
		prepare = append(prepare, "ALTER TABLE "+p.name+" OWNER TO "+applicationRole)
		if fn := p.guardFunction(); fn != "" {
			prepare = append(prepare, "GRANT CREATE ON SCHEMA "+strings.TrimSuffix(space, ".")+" TO "+applicationRole, "ALTER FUNCTION "+fn+"() OWNER TO "+applicationRole)
		}
	case AllPrivileges:
		grant("SELECT, INSERT, UPDATE, DELETE, TRUNCATE")
	case Application:
		grant("SELECT, INSERT")
	}
	return prepare, session, why, nil
}

// unguard takes off triggers, rules and policies.
func (postgresArsenal) Unguard(ctx context.Context, conn *sql.Conn, p *prey) error {
	statements := []string{"ALTER TABLE " + p.name + " DISABLE TRIGGER USER, DISABLE ROW LEVEL SECURITY"}
	for _, r := range p.rules {
		statements = append(statements, "DROP RULE "+dialect.Name(r.Name)+" ON "+p.name)
	}
	_, err := conn.ExecContext(ctx, strings.Join(statements, "; "))
	return err
}

// rows names each row by its version too, which every write of it changes.
func (postgresArsenal) rows(ctx context.Context, conn *sql.Conn, p *prey) ([]string, error) {
	rows, err := engine.Column(ctx, conn, "SELECT r.*::text || ' xmin ' || r.xmin::text FROM "+p.name+" AS r ORDER BY 1")
	if generate.ErrorCode(err) == undefinedTable {
		return nil, nil
	}
	return rows, err
}

// release takes back what a session keeps, as DISCARD ALL does, but for the statements
// that the driver has prepared. A new session costs the server more than an attack.
func (postgresArsenal) release(ctx context.Context, conn *sql.Conn) error {
	const fresh = `ROLLBACK; CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DISCARD TEMP; DISCARD SEQUENCES;
		UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all()`
	if _, err := conn.ExecContext(ctx, fresh); err != nil {
		return generate.EndSession(conn)
	}
	return conn.Close()
}

// undefinedTable is the SQLSTATE of a statement on a table that is not there.
const undefinedTable = "42P01"
