What depends on something else changes with it.

--- tables
CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, x INT CHECK (x <> "name"), y INT CHECK (y <> "later"));
CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a (id) ON DELETE CASCADE);
CREATE VIEW v AS SELECT a.*, b.id AS bid FROM a JOIN b ON b.a = a.id;
CREATE VIEW w AS SELECT * FROM v WHERE name <> "later";
CREATE INDEX a_name ON a (name);
CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET a = NEW.id; END;
--- a column that a view lists by a star
ALTER TABLE a ADD COLUMN more TEXT DEFAULT 'm';
--- a name that a string could have meant
CREATE TABLE later (later INT);
--- no such name any more
DROP TABLE later;
--- a column that others name
ALTER TABLE a RENAME COLUMN name TO title;
--- a table that others name
ALTER TABLE a RENAME TO aa;
--- a view on nothing
DROP TABLE b;
--- a view on something again
CREATE TABLE b (id INTEGER PRIMARY KEY, a INT, other INT);
--- a table in another's place
CREATE TABLE aa2 (id INTEGER PRIMARY KEY, title TEXT, z INT); DROP TABLE aa; ALTER TABLE aa2 RENAME TO aa;
--- a virtual table
CREATE VIRTUAL TABLE f USING fts5(body);
--- a view over it
CREATE VIEW vf AS SELECT * FROM f;
--- no virtual table
DROP TABLE f;
--- a table with the spelling of a trigger's table
ALTER TABLE b RENAME TO BB;
--- a number of the user
PRAGMA user_version = 7;
