-- The down joins floor and seat again. It can do that only for a location that is nothing but these two numbers: '4.0537' would come
-- back as '4.537', and what 'cafeteria' stands for no SQL knows. So such a location is refused, before anything is changed. Outside a
-- trigger SQLite cannot raise an error.
CREATE TRIGGER tr__users__refuse BEFORE UPDATE ON users
WHEN old.location <> CAST(substr(old.location, 1, instr(old.location, '.') - 1) AS integer) || '.' || CAST(substr(old.location, instr(old.location, '.') + 1) AS integer)
BEGIN
    SELECT RAISE(ABORT, 'user ' || old.user_id || ' sits at ' || quote(old.location) || ', which is not a floor and a seat');
END;
-- handrail:allow mixed users because it changes no row: it makes the trigger look at each
UPDATE users SET location = location;
DROP TRIGGER tr__users__refuse;

-- handrail:allow destructive users.location because floor and seat hold all that it said, and the down joins them again
-- A new table, because ADD COLUMN cannot add one that is NOT NULL and has no default.
CREATE TABLE users_new (
    user_id integer NOT NULL CONSTRAINT pk__users PRIMARY KEY,
    email   text    NOT NULL CONSTRAINT uq__users__email UNIQUE CONSTRAINT ck__users__email CHECK (length(email) <= 256),
    name    text    NOT NULL,
    gender  text    NOT NULL CONSTRAINT ck__users__gender CHECK (gender IN ('female', 'male')),
    floor   integer NOT NULL CONSTRAINT ck__users__floor CHECK (floor BETWEEN -32768 AND 32767),
    seat    integer NOT NULL CONSTRAINT ck__users__seat CHECK (seat BETWEEN 0 AND 32767)
) STRICT;
INSERT INTO users_new (user_id, email, name, gender, floor, seat)
SELECT user_id, email, name, gender, CAST(substr(location, 1, instr(location, '.') - 1) AS integer), CAST(substr(location, instr(location, '.') + 1) AS integer) FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
