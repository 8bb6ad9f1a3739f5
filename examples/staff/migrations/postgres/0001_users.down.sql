DROP TABLE users;
DROP TYPE gender; -- a type does not go with the table that uses it
