CREATE TYPE gender AS ENUM ('female', 'male');

CREATE TABLE users (
    user_id  int          NOT NULL CONSTRAINT pk__users PRIMARY KEY,
    email    varchar(256) NOT NULL CONSTRAINT uq__users__email UNIQUE,
    name     varchar      NOT NULL,
    gender   gender       NOT NULL,
    location varchar      NOT NULL
);
