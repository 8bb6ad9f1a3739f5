package verify_test

import (
	"fmt"
	"slices"
	"strings"
)

func (g *randomThing) sql() string      { return strings.ReplaceAll(g.make, "@name", g.name) }
func (g *randomThing) otherSQL() string { return strings.ReplaceAll(g.other, "@name", g.name) }
func (g *randomThing) dropSQL() string  { return strings.ReplaceAll(g.drop, "@name", g.name) }

// pin counts the thing among those that need what it is made of.
func (g *randomThing) pin(n int) {
	if g.table != nil {
		g.table.pinned += n
	}
	if g.needs != nil {
		g.needs.pinned += n
	}
	for _, c := range g.columns {
		c.pinned += n
	}
}

func (m *maker) makeThing() randomStep {
	g := m.thing()
	if g == nil {
		return randomStep{}
	}
	g.pin(1)
	m.things = append(m.things, g)
	return randomStep{up: g.sql(), down: g.dropSQL()}
}

func (m *maker) pick(fits func(*randomThing) bool) *randomThing {
	var fit []*randomThing
	for _, g := range m.things {
		if g.pinned == 0 && fits(g) {
			fit = append(fit, g)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[m.IntN(len(fit))]
}

func (m *maker) dropThing() randomStep {
	g := m.pick(func(*randomThing) bool { return true })
	if g == nil {
		return randomStep{}
	}
	g.pin(-1)
	m.things = slices.DeleteFunc(m.things, func(o *randomThing) bool { return o == g })
	misnamed := strings.ReplaceAll(g.make, "@name", g.name+"x")
	return randomStep{up: g.dropSQL(), down: g.sql(), wrong: []string{g.otherSQL(), misnamed}}
}

func (m *maker) replaceThing() randomStep {
	g := m.pick(func(g *randomThing) bool { return g.replace })
	if g == nil {
		return randomStep{}
	}
	was := g.sql()
	g.make, g.other = g.other, g.make
	return randomStep{up: g.sql(), down: was}
}

func (m *maker) renameThing() randomStep {
	g := m.pick(func(g *randomThing) bool { return g.renamed != "" })
	if g == nil {
		return randomStep{}
	}
	was := g.name
	g.name = m.name(strings.ToLower(g.kind[:1]))
	rename := func(from, to string) string {
		return strings.NewReplacer("@name", from, "@other", to).Replace(g.renamed)
	}
	return randomStep{up: rename(was, g.name), down: rename(g.name, was), wrong: []string{rename(g.name, was+"_idx"), rename(g.name, was+"_key")}}
}

// number and text are columns of a table, nil where it has none.
func (t *randomTable) columnOf(kinds ...string) *randomColumn {
	for _, c := range t.columns {
		if slices.Contains(kinds, c.kind) {
			return c
		}
	}
	return nil
}

// thing is something new on what is there, nil where it cannot be made.
func (m *maker) thing() *randomThing {
	t := m.table(false)
	if t == nil {
		return nil
	}
	last := t.columns[len(t.columns)-1]
	number, text := t.columnOf("integer", "numeric(10,2)"), t.columnOf("text", "varchar(20)")
	on := func(kind, make, other, drop string, columns ...*randomColumn) *randomThing {
		return &randomThing{kind: kind, name: m.name(strings.ToLower(kind[:1])), make: make, other: other, drop: drop, table: t, columns: columns}
	}
	n := 6
	if m.postgres {
		n = 27
	}
	choice := m.IntN(n)
	if choice >= 1 && choice <= 2 && number == nil || (choice == 3 || choice == 6 || choice == 8) && text == nil || m.postgres && last.kind == "jsonb" && choice == 0 {
		return nil
	}
	indexed := func(g *randomThing) *randomThing {
		if m.postgres {
			g.renamed = "ALTER INDEX @name RENAME TO @other"
		}
		return g
	}
	switch choice {
	case 0:
		return indexed(on("INDEX", fmt.Sprintf("CREATE INDEX @name ON %s (%s)", t.name, last.name), fmt.Sprintf("CREATE INDEX @name ON %s (%s DESC)", t.name, last.name), "DROP INDEX @name", last))
	case 1:
		return indexed(on("INDEX", fmt.Sprintf("CREATE INDEX @name ON %s (%s) WHERE %s > 1", t.name, number.name, number.name), fmt.Sprintf("CREATE INDEX @name ON %s (%s) WHERE %s > 2", t.name, number.name, number.name), "DROP INDEX @name", number))
	case 2:
		return indexed(on("INDEX", fmt.Sprintf("CREATE UNIQUE INDEX @name ON %s (%s, id)", t.name, number.name), fmt.Sprintf("CREATE INDEX @name ON %s (%s, id)", t.name, number.name), "DROP INDEX @name", number))
	case 3:
		return indexed(on("INDEX", fmt.Sprintf("CREATE INDEX @name ON %s (lower(%s))", t.name, text.name), fmt.Sprintf("CREATE INDEX @name ON %s (upper(%s))", t.name, text.name), "DROP INDEX @name", text))
	case 4:
		g := on("VIEW", fmt.Sprintf("CREATE VIEW @name AS SELECT id, %s FROM %s", last.name, t.name), fmt.Sprintf("CREATE VIEW @name AS SELECT id, %s FROM %s WHERE id > 3", last.name, t.name), "DROP VIEW @name", last)
		if m.postgres {
			g.make, g.other, g.replace = strings.Replace(g.make, "CREATE", "CREATE OR REPLACE", 1), strings.Replace(g.other, "CREATE", "CREATE OR REPLACE", 1), true
			g.renamed = "ALTER VIEW @name RENAME TO @other"
		}
		return g
	}
	if !m.postgres {
		body := "CREATE TRIGGER @name %s INSERT ON " + t.name + " WHEN NEW.id < 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
		return on("TRIGGER", fmt.Sprintf(body, "BEFORE"), fmt.Sprintf(body, "AFTER"), "DROP TRIGGER @name")
	}
	return m.postgresThing(choice, t, number, text, on)
}

func (m *maker) postgresThing(choice int, t *randomTable, number, text *randomColumn, on func(kind, make, other, drop string, columns ...*randomColumn) *randomThing) *randomThing {
	alter := "ALTER TABLE " + t.name + " "
	loose := func(kind, make, other, drop string) *randomThing {
		g := on(kind, make, other, drop)
		g.table = nil
		return g
	}
	switch choice {
	case 5:
		g := on("CONSTRAINT", alter+"ADD CONSTRAINT @name CHECK (id > -5)", alter+"ADD CONSTRAINT @name CHECK (id > -6)", alter+"DROP CONSTRAINT @name")
		g.renamed = alter + "RENAME CONSTRAINT @name TO @other"
		return g
	case 6:
		return on("CONSTRAINT", alter+"ADD CONSTRAINT @name UNIQUE ("+text.name+")", alter+"ADD CONSTRAINT @name UNIQUE ("+text.name+", id)", alter+"DROP CONSTRAINT @name", text)
	case 7:
		other := m.table(false)
		if number == nil || number.kind != "integer" || other == t {
			return nil
		}
		g := on("CONSTRAINT", alter+"ADD CONSTRAINT @name FOREIGN KEY ("+number.name+") REFERENCES "+other.name+" (id)", alter+"ADD CONSTRAINT @name FOREIGN KEY ("+number.name+") REFERENCES "+other.name+" (id) ON DELETE CASCADE", alter+"DROP CONSTRAINT @name", number)
		g.columns = append(g.columns, other.columns[0])
		other.pinned++ // for good
		return g
	case 8:
		return on("STATISTICS", "CREATE STATISTICS @name ON id, "+text.name+" FROM "+t.name, "CREATE STATISTICS @name (ndistinct) ON id, "+text.name+" FROM "+t.name, "DROP STATISTICS @name", text)
	case 9, 10:
		body := "CREATE OR REPLACE FUNCTION @name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s RETURN NEW; END $$"
		g := loose("FUNCTION", fmt.Sprintf(body, ""), fmt.Sprintf(body, "NEW.id := 3;"), "DROP FUNCTION @name()")
		g.replace = true
		return g
	case 11:
		g := loose("FUNCTION", "CREATE OR REPLACE FUNCTION @name(a int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a'", "CREATE OR REPLACE FUNCTION @name(a int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT a'", "DROP FUNCTION @name(int)")
		g.replace, g.renamed = true, "ALTER FUNCTION @name(int) RENAME TO @other"
		return g
	case 12, 13:
		f := m.pick(func(g *randomThing) bool { return strings.HasSuffix(g.drop, "@name()") })
		if f == nil {
			return nil
		}
		body := "CREATE TRIGGER @name %s ON " + t.name + " FOR EACH ROW EXECUTE FUNCTION " + f.name + "()"
		g := on("TRIGGER", fmt.Sprintf(body, "BEFORE INSERT"), fmt.Sprintf(body, "BEFORE INSERT OR UPDATE"), "DROP TRIGGER @name ON "+t.name)
		g.needs = f
		return g
	case 14:
		g := loose("SEQUENCE", "CREATE SEQUENCE @name INCREMENT 5 CACHE 3", "CREATE SEQUENCE @name INCREMENT 5", "DROP SEQUENCE @name")
		g.renamed = "ALTER SEQUENCE @name RENAME TO @other"
		return g
	case 15:
		return loose("TYPE", "CREATE TYPE @name AS ENUM ('a', 'b')", "CREATE TYPE @name AS ENUM ('b', 'a')", "DROP TYPE @name")
	case 16:
		return loose("TYPE", "CREATE TYPE @name AS (a int, b text)", "CREATE TYPE @name AS (a int, b varchar(3))", "DROP TYPE @name")
	case 17:
		return loose("DOMAIN", "CREATE DOMAIN @name AS int CHECK (VALUE > 0)", "CREATE DOMAIN @name AS int NOT NULL CHECK (VALUE > 0)", "DROP DOMAIN @name")
	case 18:
		return on("MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW @name AS SELECT id FROM "+t.name, "CREATE MATERIALIZED VIEW @name AS SELECT id + 1 AS id FROM "+t.name, "DROP MATERIALIZED VIEW @name")
	case 19:
		return on("POLICY", "CREATE POLICY @name ON "+t.name+" USING (id > 0)", "CREATE POLICY @name ON "+t.name+" FOR SELECT USING (id > 0)", "DROP POLICY @name ON "+t.name)
	case 20:
		return loose("SCHEMA", "CREATE SCHEMA @name", "CREATE SCHEMA @name; CREATE TABLE @name.t (a int)", "DROP SCHEMA @name")
	case 21:
		body := "CREATE TABLE @name (a int, b text) PARTITION BY RANGE (a); CREATE TABLE @name_1 PARTITION OF @name FOR VALUES FROM (0) TO (%d)"
		return loose("PARTITIONED", fmt.Sprintf(body, 10), fmt.Sprintf(body, 11), "DROP TABLE @name")
	case 22:
		return loose("COLLATION", "CREATE COLLATION @name (provider = icu, locale = 'de')", "CREATE COLLATION @name (provider = icu, locale = 'fr')", "DROP COLLATION @name")
	case 23:
		return loose("PROCEDURE", "CREATE PROCEDURE @name(a int) LANGUAGE sql AS 'SELECT 1'", "CREATE PROCEDURE @name(a int) LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "DROP PROCEDURE @name")
	case 24:
		return loose("AGGREGATE", "CREATE AGGREGATE @name(int) (SFUNC = int4larger, STYPE = int)", "CREATE AGGREGATE @name(int) (SFUNC = int4smaller, STYPE = int)", "DROP AGGREGATE @name(int)")
	case 25:
		c := "ALTER TABLE " + t.name + " "
		return on("GENERATED", c+"ADD COLUMN @name bigint GENERATED ALWAYS AS (id * 2) STORED", c+"ADD COLUMN @name bigint GENERATED ALWAYS AS (id * 3) STORED", c+"DROP COLUMN @name")
	default:
		return on("RULE", "CREATE RULE @name AS ON DELETE TO "+t.name+" DO INSTEAD NOTHING", "CREATE RULE @name AS ON UPDATE TO "+t.name+" DO INSTEAD NOTHING", "DROP RULE @name ON "+t.name)
	}
}

// comment says something of a table or a column and takes it back.
func (m *maker) comment() randomStep {
	t := m.table(false)
	if t == nil {
		return randomStep{}
	}
	what := "TABLE " + t.name
	if c := t.columns[m.IntN(len(t.columns))]; m.IntN(2) == 0 {
		what = "COLUMN " + t.name + "." + c.name
		c.pinned++ // it would be lost with it
	}
	t.pinned++
	if m.comments == nil {
		m.comments = map[string]string{}
	}
	was, is := m.comments[what], fmt.Sprintf("'%s'", m.name("says"))
	if was == "" {
		was = "NULL"
	}
	m.comments[what] = is
	s := "COMMENT ON " + what + " IS "
	return randomStep{up: s + is, down: s + was, wrong: []string{s + "'something else'"}}
}

// grant gives everybody a right and takes it back.
func (m *maker) grant() randomStep {
	t := m.table(false)
	if t == nil || m.granted[t] {
		return randomStep{}
	}
	if m.granted == nil {
		m.granted = map[*randomTable]bool{}
	}
	m.granted[t] = true
	t.pinned++
	right := m.of("SELECT", "INSERT", "UPDATE", "TRIGGER")
	return randomStep{up: "GRANT " + right + " ON " + t.name + " TO PUBLIC", down: "REVOKE " + right + " ON " + t.name + " FROM PUBLIC", wrong: []string{"REVOKE DELETE ON " + t.name + " FROM PUBLIC"}}
}

// option sets what a table is like and sets it back.
func (m *maker) option() randomStep {
	t := m.table(false)
	if t == nil || m.optioned[t] {
		return randomStep{}
	}
	if m.optioned == nil {
		m.optioned = map[*randomTable]bool{}
	}
	m.optioned[t] = true
	t.pinned++
	s := "ALTER TABLE " + t.name + " "
	pair := [][]string{
		{"ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"},
		{"FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"},
		{"SET (fillfactor = 70)", "RESET (fillfactor)"},
		{"REPLICA IDENTITY FULL", "REPLICA IDENTITY DEFAULT"},
		{"SET UNLOGGED", "SET LOGGED"},
	}[m.IntN(5)]
	return randomStep{up: s + pair[0], down: s + pair[1]}
}
