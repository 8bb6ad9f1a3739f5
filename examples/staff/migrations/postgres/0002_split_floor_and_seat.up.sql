-- The down joins floor and seat again. It can do that only for a location that is nothing but these two numbers: '4.0537' would come
-- back as '4.537', and what 'cafeteria' stands for no SQL knows. So such a location is refused, before anything is changed.
DO $$
DECLARE
    odd users;
BEGIN
    SELECT * INTO odd FROM users WHERE location !~ '^(0|-?[1-9][0-9]*)\.(0|[1-9][0-9]*)$' ORDER BY user_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'user % sits at %, which is not a floor and a seat', odd.user_id, quote_literal(odd.location);
    END IF;
END
$$;

-- handrail:allow mixed users because the split is one revision, which its down takes back as one
-- handrail:allow destructive users.location because floor and seat hold all that it said, and the down joins them again
ALTER TABLE users ADD COLUMN floor smallint, ADD COLUMN seat smallint CONSTRAINT ck__users__seat CHECK (seat >= 0);
UPDATE users SET floor = split_part(location, '.', 1)::smallint, seat = split_part(location, '.', 2)::smallint;
ALTER TABLE users ALTER COLUMN floor SET NOT NULL, ALTER COLUMN seat SET NOT NULL, DROP COLUMN location;
