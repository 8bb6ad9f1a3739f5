CREATE TABLE users_old (
    user_id  integer NOT NULL CONSTRAINT pk__users PRIMARY KEY,
    email    text    NOT NULL CONSTRAINT uq__users__email UNIQUE CONSTRAINT ck__users__email CHECK (length(email) <= 256),
    name     text    NOT NULL,
    gender   text    NOT NULL CONSTRAINT ck__users__gender CHECK (gender IN ('female', 'male')),
    location text    NOT NULL
) STRICT;
INSERT INTO users_old (user_id, email, name, gender, location)
SELECT user_id, email, name, gender, floor || '.' || seat FROM users;
DROP TABLE users;
ALTER TABLE users_old RENAME TO users;
