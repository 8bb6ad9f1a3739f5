What prints the name of something else changes when that is renamed, or takes
another place: each change here is of one object and shows in others.

--- tables
CREATE SCHEMA s;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION double(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE a (id int PRIMARY KEY, name text, m mood DEFAULT 'ok', p positive, d int GENERATED ALWAYS AS (double(id)) STORED);
CREATE TABLE b (id serial PRIMARY KEY, a int REFERENCES a (id), kind mood CHECK (kind <> 'sad'::mood));
CREATE TABLE part (id int, at int) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE INDEX part_at ON part (at);
CREATE TABLE child () INHERITS (b);
CREATE VIEW v AS SELECT a.id, a.name, b.kind FROM a JOIN b ON b.a = a.id WHERE b.kind = 'ok'::mood;
CREATE VIEW w AS SELECT id, double(id) AS twice FROM v;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM w;
CREATE FUNCTION rows() RETURNS SETOF a LANGUAGE sql AS 'SELECT * FROM a';
CREATE VIEW of_rows AS SELECT r.id, r.name FROM rows() r;
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION noop();
CREATE INDEX a_twice ON a (double(id)) WHERE m = 'ok'::mood;
CREATE POLICY only_ok ON b USING (kind = 'ok'::mood AND a IN (SELECT id FROM a));
CREATE RULE r AS ON DELETE TO b DO INSTEAD UPDATE a SET name = 'gone' WHERE a.id = OLD.a;
CREATE STATISTICS st ON id, name FROM a;
CREATE PUBLICATION pub FOR TABLE a;
CREATE TYPE pair AS (x int, y positive);
CREATE TABLE of_pair (p pair);
COMMENT ON CONSTRAINT a_pkey ON a IS 'the key';
COMMENT ON TRIGGER t ON a IS 'nothing';
COMMENT ON INDEX a_twice IS 'twice';
COMMENT ON COLUMN v.kind IS 'a kind';
GRANT SELECT ON a TO PUBLIC;
GRANT UPDATE (name) ON a TO PUBLIC;
--- a column that a view, a foreign key and a policy name
ALTER TABLE a RENAME COLUMN id TO key;
--- a column of a view
ALTER VIEW v RENAME COLUMN id TO key;
--- a table that others name
ALTER TABLE a RENAME TO aa;
--- a table that others name, to another schema
ALTER TABLE aa SET SCHEMA s;
--- a schema
ALTER SCHEMA s RENAME TO t;
--- a label that defaults, checks, indexes, views name
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
--- a type that columns name
ALTER TYPE mood RENAME TO feeling;
--- a domain that a composite type names
ALTER DOMAIN positive RENAME TO above_zero;
--- a function that an index, a column and a view name
ALTER FUNCTION double(int) RENAME TO twice;
--- a function that a trigger names
ALTER FUNCTION noop() RENAME TO nothing;
--- a sequence that a default names
ALTER SEQUENCE b_id_seq RENAME TO b_numbers;
--- a parent that its child names
ALTER TABLE b RENAME TO bb;
--- an index that its part names
ALTER INDEX part_at RENAME TO part_by_at;
--- a comment on a constraint goes
COMMENT ON CONSTRAINT a_pkey ON t.aa IS NULL;
--- a comment on a trigger goes
COMMENT ON TRIGGER t ON t.aa IS NULL;
--- a comment on an index goes
COMMENT ON INDEX t.a_twice IS NULL;
--- a comment on a column of a view goes
COMMENT ON COLUMN v.kind IS NULL;
--- a privilege on a column goes
REVOKE UPDATE (name) ON t.aa FROM PUBLIC;
--- a trigger goes
DROP TRIGGER t ON t.aa;
--- a policy goes
DROP POLICY only_ok ON bb;
--- a rule goes
DROP RULE r ON bb;
--- statistics go
DROP STATISTICS st;
--- an index goes
DROP INDEX t.a_twice;
--- a check goes
ALTER TABLE bb DROP CONSTRAINT b_kind_check;
--- a foreign key goes and another one comes
ALTER TABLE bb DROP CONSTRAINT b_a_fkey, ADD CONSTRAINT b_a_fkey FOREIGN KEY (a) REFERENCES t.aa ON DELETE CASCADE;
--- a default goes
ALTER TABLE t.aa ALTER m DROP DEFAULT;
--- a child no more
ALTER TABLE child NO INHERIT bb;
--- a part no more
ALTER TABLE part DETACH PARTITION part_1;
--- a sequence of nobody
ALTER SEQUENCE b_numbers OWNED BY NONE;
--- an attribute of a composite type
ALTER TYPE pair RENAME ATTRIBUTE x TO z CASCADE;
--- an attribute more
ALTER TYPE pair ADD ATTRIBUTE more text CASCADE;
--- an unlogged table
ALTER TABLE child SET UNLOGGED;
--- a rewritten table with the same definition, and a column
ALTER TABLE part ALTER id TYPE bigint, ADD c int;
--- several in one transaction, with a savepoint
BEGIN; CREATE TABLE x (id int); SAVEPOINT s1; DROP TABLE x; ROLLBACK TO s1; CREATE TABLE y (id int); RELEASE s1; DROP TABLE x; CREATE VIEW z AS SELECT id FROM y; COMMIT;
--- a table of another one's name
DROP VIEW z; ALTER TABLE y RENAME TO y2; CREATE TABLE y (id int);
--- a swap of two names
BEGIN; ALTER TABLE y RENAME TO y3; ALTER TABLE y2 RENAME TO y; ALTER TABLE y3 RENAME TO y2; ALTER TABLE y ADD c int; COMMIT;
--- an extension's worth of change: a cascade through everything
DROP TABLE t.aa CASCADE;
--- a role that owns and is granted to
DO $$ BEGIN EXECUTE 'CREATE ROLE ' || quote_ident('handrail role of ' || current_database()); EXECUTE 'GRANT SELECT ON bb TO ' || quote_ident('handrail role of ' || current_database()); END $$;
--- a role with another name
DO $$ BEGIN EXECUTE 'ALTER ROLE ' || quote_ident('handrail role of ' || current_database()) || ' RENAME TO ' || quote_ident('handrail renamed role of ' || current_database()); END $$;
--- no role any more
DO $$ BEGIN EXECUTE 'DROP OWNED BY ' || quote_ident('handrail renamed role of ' || current_database()); EXECUTE 'DROP ROLE ' || quote_ident('handrail renamed role of ' || current_database()); END $$;
--- everything goes
DROP SCHEMA public CASCADE;
