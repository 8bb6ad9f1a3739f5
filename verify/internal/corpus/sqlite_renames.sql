What depends on something else changes with it.

--- tables
CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, x INT CHECK (x <> "name"), y INT CHECK (y <> "Later"));
CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a (id) ON DELETE CASCADE);
CREATE VIEW v AS SELECT a.*, b.id AS bid FROM a JOIN b ON b.a = a.id;
CREATE VIEW w AS SELECT *, "later" AS l FROM v;
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
DROP TABLE aa; CREATE TABLE aa (id INTEGER PRIMARY KEY, title TEXT, z INT);
--- a table that is spelled otherwise
CREATE INDEX az ON aa (z); ALTER TABLE aa RENAME TO tmp; ALTER TABLE tmp RENAME TO AA;
--- a virtual table
CREATE VIRTUAL TABLE f USING fts5(body);
--- the user's own table with such a name
CREATE TABLE f_mine (a INT);
--- a view over it
CREATE VIEW vf AS SELECT * FROM f;
--- no virtual table
DROP TABLE f;
--- no view on nothing
DROP VIEW vf;
--- a table with the spelling of a trigger's table
ALTER TABLE b RENAME TO BB;
--- the user's own table for a virtual one
CREATE TABLE g_content (a INT);
--- a virtual table that takes it for its shadow
CREATE VIRTUAL TABLE g USING fts5(body, content='');
--- no virtual table
DROP TABLE g;
--- a number of the user
PRAGMA user_version = 7;
