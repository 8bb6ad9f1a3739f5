-- The rows are this file's own: it holds in any database, and they are rolled back.
INSERT INTO users (id, name, age) VALUES ('11111111-1111-4111-8111-111111111111', 'Ada', 36);
INSERT INTO todo_lists (user_id, item, completed) VALUES
    ('11111111-1111-4111-8111-111111111111', 'buy milk', false),
    ('11111111-1111-4111-8111-111111111111', 'write it down', true);

-- Each view has what belongs there, and nothing else of Ada's.
SELECT 'finished_lists lacks' AS problem, item FROM todo_lists
WHERE completed AND id NOT IN (SELECT id FROM finished_lists);
SELECT 'finished_lists has' AS problem, item FROM finished_lists
WHERE user_id = '11111111-1111-4111-8111-111111111111' AND item <> 'write it down';
SELECT 'unfinished_lists lacks' AS problem, item FROM todo_lists
WHERE NOT completed AND id NOT IN (SELECT id FROM unfinished_lists);
SELECT 'unfinished_lists has' AS problem, item FROM unfinished_lists
WHERE user_id = '11111111-1111-4111-8111-111111111111' AND item <> 'buy milk';

-- What is finished begins anew, and the other way about.
UPDATE todo_lists SET completed = NOT completed
WHERE user_id = '11111111-1111-4111-8111-111111111111';

SELECT 'after the flip finished_lists lacks' AS problem, item FROM todo_lists
WHERE completed AND id NOT IN (SELECT id FROM finished_lists);
SELECT 'after the flip finished_lists has' AS problem, item FROM finished_lists
WHERE user_id = '11111111-1111-4111-8111-111111111111' AND item <> 'buy milk';
SELECT 'after the flip unfinished_lists lacks' AS problem, item FROM todo_lists
WHERE NOT completed AND id NOT IN (SELECT id FROM unfinished_lists);
SELECT 'after the flip unfinished_lists has' AS problem, item FROM unfinished_lists
WHERE user_id = '11111111-1111-4111-8111-111111111111' AND item <> 'write it down';
