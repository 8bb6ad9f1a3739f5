-- Single changes to an SQLite catalogue, one after the other in one database.
-- A line that begins with "--- " names the change below it. Where .schema and
-- the pragmas show a change that the snapshot does not, the name is followed by
-- "| " and the reason.
--- table
CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT, y INT)
--- strict table
CREATE TABLE s (id INTEGER PRIMARY KEY, x TEXT) STRICT
--- table without rowid
CREATE TABLE w (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID
--- autoincrement
CREATE TABLE ai (id INTEGER PRIMARY KEY AUTOINCREMENT)
--- column added
ALTER TABLE a ADD COLUMN z REAL
--- column with default
ALTER TABLE a ADD COLUMN d TEXT DEFAULT 'x'
--- column not null with default
ALTER TABLE a ADD COLUMN n INT NOT NULL DEFAULT 0
--- column with collation
ALTER TABLE a ADD COLUMN c TEXT COLLATE NOCASE
--- column with check
ALTER TABLE a ADD COLUMN k INT CHECK (k > 0)
--- column with reference
ALTER TABLE a ADD COLUMN r INT REFERENCES s (id) ON DELETE CASCADE
--- generated column
ALTER TABLE a ADD COLUMN g INT GENERATED ALWAYS AS (y * 2) VIRTUAL
--- column renamed
ALTER TABLE a RENAME COLUMN z TO zz
--- column dropped
ALTER TABLE a DROP COLUMN zz
--- table renamed
ALTER TABLE ai RENAME TO ai2
--- table dropped
DROP TABLE ai2
--- stored generated column
CREATE TABLE gs (a INT, b INT AS (a + 1) STORED)
--- default expression
CREATE TABLE de (a TEXT DEFAULT (strftime('%Y', 'now')))
--- default negative
CREATE TABLE dn (a INT DEFAULT -5)
--- named primary key
CREATE TABLE np (a INT, b INT, CONSTRAINT pk_np PRIMARY KEY (a, b))
--- primary key descending
CREATE TABLE pd (id INTEGER PRIMARY KEY DESC)
--- unique with a conflict clause
CREATE TABLE uc (a INT UNIQUE ON CONFLICT REPLACE)
--- named unique of two columns
CREATE TABLE un (a INT, b TEXT, CONSTRAINT uq_un UNIQUE (a, b COLLATE NOCASE))
--- named check
CREATE TABLE ck (a INT, CONSTRAINT ck_a CHECK (a BETWEEN 1 AND 9))
--- not null with a conflict clause
CREATE TABLE nn (a INT NOT NULL ON CONFLICT IGNORE)
--- foreign key with actions
CREATE TABLE fk (a INT, b INT, CONSTRAINT fk_np FOREIGN KEY (a, b) REFERENCES np (a, b) ON UPDATE SET NULL ON DELETE RESTRICT)
--- foreign key deferred
CREATE TABLE fd (a INT REFERENCES s DEFERRABLE INITIALLY DEFERRED)
--- index
CREATE INDEX ix ON a (x)
--- index unique
CREATE UNIQUE INDEX ux ON a (y)
--- index partial
CREATE INDEX ip ON a (x) WHERE y > 1
--- index on an expression
CREATE INDEX ie ON a (lower(x))
--- index descending and collated
CREATE INDEX io ON a (x COLLATE NOCASE DESC, y)
--- index dropped
DROP INDEX ix
--- index made again otherwise
CREATE INDEX ix ON a (x, y)
--- view
CREATE VIEW v AS SELECT id, x FROM a
--- view with names of its columns
CREATE VIEW vn (p, q) AS SELECT id, x FROM a
--- view made again otherwise
DROP VIEW v; CREATE VIEW v AS SELECT id, y FROM a
--- trigger before
CREATE TRIGGER tb BEFORE UPDATE ON a BEGIN SELECT RAISE(ABORT, 'no'); END
--- trigger of columns with a condition
CREATE TRIGGER tc AFTER UPDATE OF x, y ON a WHEN NEW.y > 1 BEGIN DELETE FROM s WHERE id = NEW.id; END
--- trigger instead of
CREATE TRIGGER ti INSTEAD OF INSERT ON v BEGIN INSERT INTO a (x) VALUES ('v'); END
--- trigger message
DROP TRIGGER tb; CREATE TRIGGER tb BEFORE UPDATE ON a BEGIN SELECT RAISE(ABORT, 'never'); END
--- trigger dropped
DROP TRIGGER tc
--- virtual table
CREATE VIRTUAL TABLE ft USING fts5 (body, title)
--- virtual table with options
CREATE VIRTUAL TABLE fo USING fts5 (body, tokenize = 'porter')
--- virtual table of another module
CREATE VIRTUAL TABLE rt USING rtree (id, lo, hi)
--- virtual table dropped
DROP TABLE rt
--- table from a query
CREATE TABLE tq AS SELECT 1 AS one, 'x' AS two
--- user version
PRAGMA user_version = 4
--- application id
PRAGMA application_id = 77
--- user version back
PRAGMA user_version = 0
--- name that needs quotes
CREATE TABLE "odd name" ("a column" INT, "select" INT)
--- name of other letters
CREATE TABLE größe (länge INT)
--- column type with arguments
CREATE TABLE ty (a VARCHAR(10), b DECIMAL(10, 2))
--- column without a type
CREATE TABLE nt (a, b)
--- case of a literal
CREATE TABLE li (a TEXT CHECK (a <> 'Abc'))
--- case of a literal changed
DROP TABLE li; CREATE TABLE li (a TEXT CHECK (a <> 'abc'))
--- blob literal
CREATE TABLE bl (a BLOB DEFAULT x'00FF')
--- number of rows to analyze | statistics are data, and no schema
ANALYZE
