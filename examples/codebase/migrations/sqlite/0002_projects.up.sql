-- Repositories and chunks belong to a project; nine tables that the index does not need go.

-- SQLite raises only in a trigger: that of a temporary table into which a foreign key is put that must not be there.
CREATE TEMP TABLE crossing (foreign_key TEXT NOT NULL);
CREATE TEMP TRIGGER tr_crossing BEFORE INSERT ON crossing
BEGIN
    SELECT RAISE(ABORT, '0002_projects refuses: between a table to be dropped and one to be kept there is a foreign key: ' || NEW.foreign_key);
END;
INSERT INTO crossing
WITH dropped (name) AS (
    VALUES ('work_items'), ('work_item_dependencies'), ('tasks'), ('task_branches'), ('task_commits'),
        ('vendor_extractors'), ('vendor_test_results'), ('deployment_events'), ('vendor_deployment_links')
)
SELECT t.name || ' refers to ' || f."table"
FROM sqlite_schema AS t
JOIN pragma_foreign_key_list(t.name) AS f
WHERE t.type = 'table' AND (lower(t.name) IN dropped) <> (lower(f."table") IN dropped);
DROP TABLE crossing;

-- A column with a default that is not NULL needs no rebuild.
ALTER TABLE repositories ADD COLUMN project_id TEXT NOT NULL DEFAULT 'default'
    CONSTRAINT ck_repositories_project_id CHECK (length(project_id) BETWEEN 1 AND 50 AND project_id NOT GLOB '*[^a-z0-9-]*');
CREATE INDEX idx_project_repository ON repositories (project_id, id);

-- One without a default does. Nothing refers to code_chunks, so that DROP TABLE takes no rows of others along in any mode
-- of golang-migrate's driver; its index goes and is made again. A chunk without its repository would get NULL and stop
-- the revision, where a join would lose it.
CREATE TABLE code_chunks_new (
    id            INTEGER NOT NULL,
    repository_id INTEGER NOT NULL,
    path          TEXT    NOT NULL,
    first_line    INTEGER NOT NULL,
    last_line     INTEGER NOT NULL,
    content       TEXT    NOT NULL,
    embedding     TEXT    NOT NULL,
    project_id    TEXT    NOT NULL
        CONSTRAINT ck_code_chunks_project_id CHECK (length(project_id) BETWEEN 1 AND 50 AND project_id NOT GLOB '*[^a-z0-9-]*'),
    CONSTRAINT pk_code_chunks PRIMARY KEY (id),
    CONSTRAINT uq_code_chunks_repository_id_path_first_line UNIQUE (repository_id, path, first_line),
    CONSTRAINT fk_code_chunks_repository_id_repositories FOREIGN KEY (repository_id) REFERENCES repositories (id) ON DELETE CASCADE,
    CONSTRAINT ck_code_chunks_lines CHECK (first_line >= 1 AND last_line >= first_line),
    CONSTRAINT ck_code_chunks_embedding_1536 CHECK (json_valid(embedding) AND json_array_length(embedding) = 1536)
);
-- handrail:allow mixed code_chunks_new because what is rolled back as one is one revision
INSERT INTO code_chunks_new (id, repository_id, path, first_line, last_line, content, embedding, project_id)
SELECT id, repository_id, path, first_line, last_line, content, embedding,
    (SELECT r.project_id FROM repositories AS r WHERE r.id = c.repository_id)
FROM code_chunks AS c;
DROP TABLE code_chunks;
ALTER TABLE code_chunks_new RENAME TO code_chunks;
CREATE INDEX ix_code_chunks_path ON code_chunks (path);

DROP TABLE vendor_deployment_links;
DROP TABLE deployment_events;
DROP TABLE vendor_test_results;
DROP TABLE vendor_extractors;
DROP TABLE task_commits;
DROP TABLE task_branches;
DROP TABLE tasks;
DROP TABLE work_item_dependencies;
DROP TABLE work_items;
