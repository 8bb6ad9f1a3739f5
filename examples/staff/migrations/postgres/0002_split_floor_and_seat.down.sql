ALTER TABLE users ADD COLUMN location varchar;
UPDATE users SET location = floor || '.' || seat;
ALTER TABLE users ALTER COLUMN location SET NOT NULL, DROP COLUMN floor, DROP COLUMN seat;
