-- Three repositories and four chunks, each with 1536 numbers that are computed from its id and their place.
INSERT INTO repositories (id, name, url, created_at) VALUES
    (1, 'parser', 'https://example.com/parser.git', '2026-01-01T00:00:00Z'),
    (2, 'search', 'https://example.com/search.git', '2026-01-02T00:00:00.25Z'),
    (3, 'empty', 'https://example.com/empty.git', '2026-01-03T00:00:00Z');

INSERT INTO code_chunks (id, repository_id, path, first_line, last_line, content, embedding)
SELECT c.*, ARRAY(SELECT ((c.id * 7919 + place * 104729) % 2000003 / 1000001.5 - 1)::real FROM generate_series(1, 1536) AS place ORDER BY place)
FROM (VALUES
    (1, 1, 'lexer/scan.go', 1, 40, 'package lexer'),
    (2, 1, 'lexer/scan.go', 41, 97, 'func scan() {}'),
    (3, 2, 'README.md', 1, 12, 'Søk etter mening ✓'),
    (4, 2, 'index/query.sql', 1, 3, 'SELECT ''it''''s''')
) AS c (id, repository_id, path, first_line, last_line, content);

-- A row in each table that is to go.
INSERT INTO work_items (id, kind, title, created_at) VALUES
    (1, 'feature', 'Search by meaning', '2026-02-01T10:00:00Z'),
    (2, 'chore', 'Update the parser', '2026-02-02T10:00:00Z');
INSERT INTO work_item_dependencies (work_item_id, depends_on_id) VALUES (1, 2);
INSERT INTO tasks (id, work_item_id, title, estimate_hours, due_on) VALUES (1, 1, 'Embed the chunks', 12.5, '2026-03-31');
INSERT INTO task_branches (id, task_id, name) VALUES (1, 1, 'feature/embed');
INSERT INTO task_commits (task_id, sha, committed_at) VALUES (1, '0123456789abcdef0123456789abcdef01234567', '2026-03-01T12:00:00Z');
INSERT INTO vendor_extractors (id, vendor, version, config) VALUES (1, 'Acme', '2.1', '{"depth": 3}');
INSERT INTO vendor_test_results (id, extractor_id, suite, passed, failed, ran_at) VALUES (1, 1, 'smoke', 41, 1, '2026-03-02T08:30:00Z');
INSERT INTO deployment_events (id, environment, sha, deployed_at) VALUES (1, 'staging', '0123456789abcdef0123456789abcdef01234567', '2026-03-03T09:00:00Z');
INSERT INTO vendor_deployment_links (extractor_id, deployment_event_id, url) VALUES (1, 1, 'https://example.com/deployments/1');
