package schema

// sqliteCases are constructs of SQLite and how a snapshot prints them.
var sqliteCases = []struct{ name, reason, ddl, want string }{
	{
		"named constraints", "a name is kept, in its spelling",
		`CREATE TABLE child (id INT CONSTRAINT pk_child PRIMARY KEY, up INT CONSTRAINT "FK up" REFERENCES parent ON DELETE CASCADE,
			CONSTRAINT uq_child UNIQUE (up, id), CONSTRAINT CK_child CHECK (up > 0))`, `
table child
    column order: id, up
column child.id
    type: int
column child.up
    type: int
primary key pk_child on child
    columns: id
    definition: PRIMARY KEY (id)
unique uq_child on child
    columns: up, id
    definition: UNIQUE (up, id)
check CK_child on child
    definition: CHECK (up > 0)
foreign key FK up on child
    columns: up
    definition: FOREIGN KEY (up) REFERENCES parent ON DELETE CASCADE
`,
	},
	{
		"constraints without a name", "they are called by what they say",
		"CREATE TABLE t(a INT PRIMARY KEY, b UNIQUE, c CHECK (c > 0), d REFERENCES t)", `
table t
    column order: a, b, c, d
column t.a
    type: int
column t.b
column t.c
column t.d
primary key (a) on t
    columns: a
    definition: PRIMARY KEY (a)
unique (b) on t
    columns: b
    definition: UNIQUE (b)
check (c > 0) on t
    definition: CHECK (c > 0)
foreign key (d) REFERENCES t on t
    columns: d
    definition: FOREIGN KEY (d) REFERENCES t
`,
	},
	{
		"primary keys and NULL", "SQLite lets a key be NULL unless it is the rowid, or the table STRICT or WITHOUT ROWID",
		"CREATE TABLE a(k TEXT PRIMARY KEY); CREATE TABLE b(k INTEGER PRIMARY KEY); CREATE TABLE c(k INTEGER PRIMARY KEY DESC)", `
table a
    column order: k
column a.k
    type: text
primary key (k) on a
    columns: k
    definition: PRIMARY KEY (k)
table b
    column order: k
column b.k
    null: no
    type: integer
primary key (k) on b
    columns: k
    definition: PRIMARY KEY (k)
table c
    column order: k
column c.k
    type: integer
primary key (k desc) on c
    columns: k
    definition: PRIMARY KEY (k desc)
`,
	},
	{
		"options and conflicts", "STRICT, WITHOUT ROWID, AUTOINCREMENT and ON CONFLICT show in no other way",
		`CREATE TABLE a(k INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE) STRICT;
		CREATE TABLE b(k ANY, PRIMARY KEY (k) ON CONFLICT FAIL) WITHOUT ROWID, STRICT`, `
table a
    column order: k, v
    options: strict
column a.k
    autoincrement: yes
    null: no
    type: integer
column a.v
    null: no
    on null: ON CONFLICT IGNORE
    type: text
primary key (k) on a
    columns: k
    definition: PRIMARY KEY (k)
unique (v) ON CONFLICT REPLACE on a
    columns: v
    definition: UNIQUE (v) ON CONFLICT REPLACE
table b
    column order: k
    options: strict, without rowid
column b.k
    null: no
    type: any
primary key (k) ON CONFLICT FAIL on b
    columns: k
    definition: PRIMARY KEY (k) ON CONFLICT FAIL
`,
	},
	{
		"generated columns", "the expression shows in no pragma",
		"CREATE TABLE t(a INT, b INT GENERATED ALWAYS AS (a*2) STORED, c AS (b+1) NOT NULL)", `
table t
    column order: a, b, c
column t.a
    type: int
column t.b
    generated: stored (a * 2)
    type: int
column t.c
    generated: virtual (b + 1)
    null: no
`,
	},
	{
		"defaults and collations", "a default is an expression or a constant; a name in it is a string",
		`CREATE TABLE t(a DEFAULT -1, b DEFAULT (1 + 2), c DEFAULT Abc, d DEFAULT "Abc", e DEFAULT ('Abc' || 1), f DEFAULT CURRENT_DATE,
			g TEXT COLLATE NoCase, h DEFAULT TRUE, "i j" DEFAULT 'it''s')`, `
table t
    column order: a, b, c, d, e, f, g, h, "i j"
column t.a
    default: - 1
column t.b
    default: 1 + 2
column t.c
    default: 'Abc'
column t.d
    default: 'Abc'
column t.e
    default: 'Abc' || 1
column t.f
    default: current_date
column t.g
    collation: nocase
    type: text
column t.h
    default: true
column t.i j
    default: 'it''s'
`,
	},
	{
		"indexes", "order, collation, expressions and conditions are part of an index; its table is named as it is",
		`CREATE TABLE T(a, b); CREATE UNIQUE INDEX ix1 ON t(a DESC, b COLLATE NOCASE) WHERE a IS NOT NULL; CREATE INDEX ix2 ON "t"(lower(a), b || '-')`, `
table T
    column order: a, b
column T.a
column T.b
index ix1 on T
    definition: create unique index ix1 on t(a desc, b collate nocase) where a is not null
index ix2 on T
    definition: create index ix2 on t(lower(a), b || '-')
`,
	},
	{
		"triggers", "each statement stands on a line; a trigger of a view too belongs to its view",
		`CREATE TABLE T(a); CREATE VIEW V AS SELECT a AS x FROM t;
		CREATE TRIGGER tr_t AFTER UPDATE OF a ON t WHEN NEW.a > OLD.a BEGIN UPDATE t SET a = 1; DELETE FROM t; END;
		CREATE TRIGGER tr_v INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.x); END`, `
table T
    column order: a
column T.a
trigger tr_t on T
    definition:
      | create trigger tr_t after update of a on t when new.a > old.a begin
      | update t set a = 1;
      | delete from t;
      | end
view V
    column order: x
    definition: create view v as select a as x from t
column V.x
    type: blob
trigger tr_v on V
    definition:
      | create trigger tr_v instead of insert on v begin
      | insert into t values (new.x);
      | end
`,
	},
	{
		"broken view", "SQLite drops a table under a view without a word; the view stays and can be listed",
		"CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; DROP TABLE t", `
view v
    broken: yes
    definition: create view v as select a from t
`,
	},
	{
		"deferred foreign keys", "when a foreign key is checked may be said far behind it, and the last word counts",
		`CREATE TABLE a(x REFERENCES a ON UPDATE NO ACTION ON DELETE SET NULL MATCH full NOT NULL DEFERRABLE INITIALLY DEFERRED);
		CREATE TABLE b(x, y, FOREIGN KEY (y, x) REFERENCES a (p, "q r") ON INSERT CASCADE ON DELETE RESTRICT DEFERRABLE);
		CREATE TABLE c(x REFERENCES a DEFERRABLE INITIALLY DEFERRED NOT DEFERRABLE)`, `
table a
    column order: x
column a.x
    null: no
foreign key (x) REFERENCES a ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED on a
    columns: x
    definition: FOREIGN KEY (x) REFERENCES a ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
table b
    column order: x, y
column b.x
column b.y
foreign key (y, x) REFERENCES a (p, "q r") ON DELETE RESTRICT DEFERRABLE on b
    columns: y, x
    definition: FOREIGN KEY (y, x) REFERENCES a (p, "q r") ON DELETE RESTRICT DEFERRABLE
table c
    column order: x
column c.x
foreign key (x) REFERENCES a on c
    columns: x
    definition: FOREIGN KEY (x) REFERENCES a
`,
	},
	{"empty", "a database without a schema has an empty snapshot", "SELECT 1", ""},
}

// sameCases are pairs of schemas that are the same.
var sameCases = []struct{ name, reason, a, b string }{
	{
		"layout", "comments, white space, quotes and the case of words are no structure",
		"CREATE TABLE t(a TEXT NOT NULL DEFAULT 'X', CHECK (length(a) > 1))",
		"create table /* the table */ \"t\" (\n\t[a] text -- a column\n\tnot null default 'X',\n\tcheck ( LENGTH(`a`)>1 ) )",
	},
	{"type", "blanks in a type", "CREATE TABLE t(a VARCHAR(10), b DECIMAL(10, 2))", "CREATE TABLE t(a varchar ( 10 ), b decimal(10,2))"},
	{
		"place of a constraint", "at its column or at the end of the table",
		"CREATE TABLE t(key TEXT CONSTRAINT pk PRIMARY KEY DESC, b INT UNIQUE CHECK (b > 1) REFERENCES t (key) ON DELETE CASCADE DEFERRABLE)",
		`CREATE TABLE t("key" TEXT, b INT, CONSTRAINT pk PRIMARY KEY ("key" DESC), FOREIGN KEY (b) REFERENCES t ("key") ON DELETE CASCADE DEFERRABLE, UNIQUE (b), CHECK (b > 1))`,
	},
	{
		"what is so anyway", "a default that is said is still the default",
		"CREATE TABLE t(a INTEGER, b TEXT, PRIMARY KEY (a), UNIQUE (b), FOREIGN KEY (a) REFERENCES t)",
		"CREATE TABLE t(a INTEGER NULL, b TEXT COLLATE BINARY, PRIMARY KEY (a ASC) ON CONFLICT ABORT, UNIQUE (b), FOREIGN KEY (a) REFERENCES t ON DELETE NO ACTION NOT DEFERRABLE)",
	},
	{
		"ASC", "an index goes upwards where nobody says anything, also over a column that is called asc",
		"CREATE TABLE t(a, asc, b); CREATE INDEX i ON t(a, asc, b COLLATE nocase, lower(asc)) WHERE a > asc",
		"CREATE TABLE t(a, asc, b); CREATE INDEX i ON t(a ASC, asc ASC, b COLLATE nocase asc, lower(asc) ASC) WHERE a > asc",
	},
	{
		"FOR EACH ROW", "SQLite has no other triggers",
		"CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON t WHEN NEW.a > 0 BEGIN SELECT 1; END",
		"CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW WHEN NEW.a > 0 BEGIN SELECT 1; END",
	},
	{"AUTOINCREMENT", "at the column or in the key", "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)", "CREATE TABLE t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))"},
	{"order of creation", "a catalogue has no order", "CREATE TABLE a(x); CREATE TABLE b(x); CREATE INDEX i ON b(x)", "CREATE TABLE b(x); CREATE INDEX i ON b(x); CREATE TABLE a(x)"},
	{"order of constraints", "a table has none", "CREATE TABLE t(a, CHECK (a > 1), CHECK (a > 2))", "CREATE TABLE t(a, CHECK (a > 2), CHECK (a > 1))"},
	{"string as a name", "SQLite accepts it in a list of columns", "CREATE TABLE t(a, UNIQUE (a))", "CREATE TABLE t('a', UNIQUE ('a'))"},
	{"a name alone", "a constraint's name without a constraint is nothing", "CREATE TABLE t(a CHECK (a > 1))", "CREATE TABLE t(a CONSTRAINT x, CONSTRAINT y CONSTRAINT z, CHECK (a > 1))"},
	{
		"ADD COLUMN", "the new column stands behind the constraints in the stored text",
		"CREATE TABLE t(a INT, CHECK (a > 0)); ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'x' COLLATE nocase CHECK (b <> '') REFERENCES t(a)",
		"CREATE TABLE t(a INT, b TEXT DEFAULT 'x' NOT NULL COLLATE nocase REFERENCES t(a), CHECK (a > 0), CHECK (b <> ''))",
	},
	{
		"RENAME COLUMN", "SQLite rewrites it everywhere, in quotes",
		`CREATE TABLE t(x INT PRIMARY KEY, y AS (x) CHECK (y > x), FOREIGN KEY (x) REFERENCES t(x)); CREATE INDEX i ON t(x, x + 1) WHERE x > 0; CREATE VIEW v AS SELECT x AS z FROM t;
		 CREATE TRIGGER g AFTER UPDATE OF x ON t BEGIN SELECT NEW.x; END; ALTER TABLE t RENAME COLUMN x TO "Key"`,
		`CREATE TABLE t(Key INT PRIMARY KEY, y AS (Key) CHECK (y > Key), FOREIGN KEY (Key) REFERENCES t(Key)); CREATE INDEX i ON t(Key, Key + 1) WHERE Key > 0; CREATE VIEW v AS SELECT Key AS z FROM t;
		 CREATE TRIGGER g AFTER UPDATE OF Key ON t BEGIN SELECT NEW.Key; END`,
	},
	{
		"RENAME TABLE", "with what refers to it",
		`CREATE TABLE x(a PRIMARY KEY); CREATE TABLE y(a REFERENCES x); CREATE INDEX i ON x(a); CREATE TRIGGER g AFTER INSERT ON x BEGIN DELETE FROM x; END; CREATE VIEW v AS SELECT x.a FROM x; ALTER TABLE x RENAME TO "Order"`,
		`CREATE TABLE "Order"(a PRIMARY KEY); CREATE TABLE y(a REFERENCES "Order"); CREATE INDEX i ON "Order"(a); CREATE TRIGGER g AFTER INSERT ON "Order" BEGIN DELETE FROM "Order"; END; CREATE VIEW v AS SELECT "Order".a FROM "Order"`,
	},
	{"DROP COLUMN", "nothing of it stays", "CREATE TABLE t(a, b DEFAULT 1 CHECK (b > 0), c); ALTER TABLE t DROP COLUMN b", "CREATE TABLE t(a, c)"},
	{"SET NOT NULL and back", "SQLite 3.53 can", "CREATE TABLE t(a, b); ALTER TABLE t ALTER COLUMN a SET NOT NULL; ALTER TABLE t ALTER COLUMN b SET NOT NULL; ALTER TABLE t ALTER COLUMN b DROP NOT NULL", "CREATE TABLE t(a NOT NULL, b)"},
	{"ADD and DROP CONSTRAINT", "SQLite 3.53 can, for checks", "CREATE TABLE t(a, CONSTRAINT y CHECK (a > 1)); ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0); ALTER TABLE t DROP CONSTRAINT y", "CREATE TABLE t(a, CONSTRAINT x CHECK (a > 0))"},
}

// differentCases are pairs of schemas that are nearly the same.
var differentCases = []struct{ name, reason, a, b, want string }{
	{
		"case of a string", "a string is data", "CREATE TABLE t(a CONSTRAINT c CHECK (a <> 'x'))", "CREATE TABLE t(a CONSTRAINT c CHECK (a <> 'X'))", `
  check c on t
-     definition: CHECK (a <> 'x')
+     definition: CHECK (a <> 'X')
`,
	},
	{
		"string in double quotes", "SQLite takes what names no column for a string", `CREATE TABLE t(a CONSTRAINT c CHECK (a <> "Xx"))`, `CREATE TABLE t(a CONSTRAINT c CHECK (a <> "xx"))`, `
  check c on t
-     definition: CHECK (a <> "Xx")
+     definition: CHECK (a <> xx)
`,
	},
	{
		"default in double quotes", "a string there too", `CREATE TABLE t(a DEFAULT "Xx")`, `CREATE TABLE t(a DEFAULT "xx")`, `
  column t.a
-     default: 'Xx'
+     default: 'xx'
`,
	},
	{
		"quoted function of the time", "in quotes it is a column", `CREATE TABLE t("current_date", CONSTRAINT c CHECK (current_date > 1))`, `CREATE TABLE t("current_date", CONSTRAINT c CHECK ("current_date" > 1))`, `
  check c on t
-     definition: CHECK (current_date > 1)
+     definition: CHECK ("current_date" > 1)
`,
	},
	{
		"column order", "a row has an order", "CREATE TABLE t(a, b)", "CREATE TABLE t(b, a)", `
  table t
-     column order: a, b
+     column order: b, a
`,
	},
	{
		"direction of a key", "it decides about the rowid", "CREATE TABLE t(a INTEGER CONSTRAINT k PRIMARY KEY)", "CREATE TABLE t(a INTEGER CONSTRAINT k PRIMARY KEY DESC)", `
  column t.a
-     null: no
  primary key k on t
-     definition: PRIMARY KEY (a)
+     definition: PRIMARY KEY (a desc)
`,
	},
	{
		"two constraints of one name", "SQLite allows that, and neither gets lost", "CREATE TABLE t(a, CONSTRAINT c CHECK (a > 1), CONSTRAINT c CHECK (a > 2))", "CREATE TABLE t(a, CONSTRAINT c CHECK (a > 2))", `
  check c on t
-     definition: CHECK (a > 1)
+     definition: CHECK (a > 2)
- check c on t
-     definition: CHECK (a > 2)
`,
	},
	{
		"dropped trigger", "the classic loss of a table rebuild", "CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON T BEGIN SELECT 1; END", "CREATE TABLE t(a)", `
- trigger g on t
-     definition:
-       | create trigger g after insert on t begin
-       | select 1;
-       | end
`,
	},
}
