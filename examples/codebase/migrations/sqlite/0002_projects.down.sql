-- The tables come back as they were, and empty.
-- handrail:allow data-loss work_items because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss work_item_dependencies because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss tasks because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss task_branches because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss task_commits because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss vendor_extractors because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss vendor_test_results because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss deployment_events because nobody reads its rows any more; who needs them has the backup
-- handrail:allow data-loss vendor_deployment_links because nobody reads its rows any more; who needs them has the backup
CREATE TABLE work_items (
    id         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    status     TEXT    NOT NULL DEFAULT 'open',
    priority   INTEGER NOT NULL DEFAULT 3,
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT pk_work_items PRIMARY KEY (id),
    CONSTRAINT ck_work_items_kind CHECK (kind IN ('feature', 'defect', 'chore')),
    CONSTRAINT ck_work_items_status CHECK (status IN ('open', 'doing', 'done')),
    CONSTRAINT ck_work_items_priority CHECK (priority BETWEEN 1 AND 5)
);
CREATE INDEX ix_work_items_status_priority ON work_items (status, priority);

CREATE TABLE work_item_dependencies (
    work_item_id  INTEGER NOT NULL,
    depends_on_id INTEGER NOT NULL,
    CONSTRAINT pk_work_item_dependencies PRIMARY KEY (work_item_id, depends_on_id),
    CONSTRAINT fk_work_item_dependencies_work_item_id_work_items FOREIGN KEY (work_item_id) REFERENCES work_items (id) ON DELETE CASCADE,
    CONSTRAINT fk_work_item_dependencies_depends_on_id_work_items FOREIGN KEY (depends_on_id) REFERENCES work_items (id) ON DELETE CASCADE,
    CONSTRAINT ck_work_item_dependencies_not_itself CHECK (work_item_id <> depends_on_id)
);
CREATE INDEX ix_work_item_dependencies_depends_on_id ON work_item_dependencies (depends_on_id);

CREATE TABLE tasks (
    id             INTEGER NOT NULL,
    work_item_id   INTEGER,
    title          TEXT    NOT NULL,
    done           INTEGER NOT NULL DEFAULT 0,
    estimate_hours REAL,
    due_on         TEXT,
    CONSTRAINT pk_tasks PRIMARY KEY (id),
    CONSTRAINT fk_tasks_work_item_id_work_items FOREIGN KEY (work_item_id) REFERENCES work_items (id) ON DELETE SET NULL,
    CONSTRAINT ck_tasks_estimate_hours CHECK (estimate_hours >= 0)
);
CREATE INDEX ix_tasks_work_item_id ON tasks (work_item_id);
CREATE INDEX ix_tasks_due_on_open ON tasks (due_on) WHERE NOT done;

CREATE TABLE task_branches (
    id      INTEGER NOT NULL,
    task_id INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    CONSTRAINT pk_task_branches PRIMARY KEY (id),
    CONSTRAINT uq_task_branches_task_id_name UNIQUE (task_id, name),
    CONSTRAINT fk_task_branches_task_id_tasks FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE
);

CREATE TABLE task_commits (
    task_id      INTEGER NOT NULL,
    sha          TEXT    NOT NULL,
    committed_at TEXT    NOT NULL,
    CONSTRAINT pk_task_commits PRIMARY KEY (task_id, sha),
    CONSTRAINT fk_task_commits_task_id_tasks FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT ck_task_commits_sha CHECK (length(sha) = 40 AND sha NOT GLOB '*[^0-9a-f]*')
);
CREATE INDEX ix_task_commits_sha ON task_commits (sha);

CREATE TABLE vendor_extractors (
    id      INTEGER NOT NULL,
    vendor  TEXT    NOT NULL,
    version TEXT    NOT NULL,
    config  TEXT    NOT NULL DEFAULT '{}',
    enabled INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT pk_vendor_extractors PRIMARY KEY (id),
    CONSTRAINT uq_vendor_extractors_vendor_version UNIQUE (vendor, version),
    CONSTRAINT ck_vendor_extractors_config CHECK (json_valid(config))
);
CREATE INDEX ix_vendor_extractors_vendor_enabled ON vendor_extractors (vendor) WHERE enabled;

CREATE TABLE vendor_test_results (
    id           INTEGER NOT NULL,
    extractor_id INTEGER NOT NULL,
    suite        TEXT    NOT NULL,
    passed       INTEGER NOT NULL DEFAULT 0,
    failed       INTEGER NOT NULL DEFAULT 0,
    ran_at       TEXT    NOT NULL,
    CONSTRAINT pk_vendor_test_results PRIMARY KEY (id),
    CONSTRAINT fk_vendor_test_results_extractor_id_vendor_extractors FOREIGN KEY (extractor_id) REFERENCES vendor_extractors (id) ON DELETE CASCADE,
    CONSTRAINT ck_vendor_test_results_counts CHECK (passed >= 0 AND failed >= 0)
);
CREATE INDEX ix_vendor_test_results_extractor_id_ran_at ON vendor_test_results (extractor_id, ran_at DESC);

CREATE TABLE deployment_events (
    id          INTEGER NOT NULL,
    environment TEXT    NOT NULL,
    sha         TEXT    NOT NULL,
    deployed_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    details     TEXT,
    CONSTRAINT pk_deployment_events PRIMARY KEY (id),
    CONSTRAINT ck_deployment_events_environment CHECK (environment IN ('staging', 'production')),
    CONSTRAINT ck_deployment_events_details CHECK (json_valid(details)),
    CONSTRAINT ck_deployment_events_sha CHECK (length(sha) = 40 AND sha NOT GLOB '*[^0-9a-f]*')
);
CREATE INDEX ix_deployment_events_environment_deployed_at ON deployment_events (environment, deployed_at);

CREATE TABLE vendor_deployment_links (
    extractor_id        INTEGER NOT NULL,
    deployment_event_id INTEGER NOT NULL,
    url                 TEXT,
    CONSTRAINT pk_vendor_deployment_links PRIMARY KEY (extractor_id, deployment_event_id),
    CONSTRAINT fk_vendor_deployment_links_extractor_id_vendor_extractors FOREIGN KEY (extractor_id) REFERENCES vendor_extractors (id),
    CONSTRAINT fk_vendor_deployment_links_event_id_deployment_events FOREIGN KEY (deployment_event_id) REFERENCES deployment_events (id) ON DELETE CASCADE,
    CONSTRAINT ck_vendor_deployment_links_url CHECK (url GLOB 'https://*')
);
CREATE INDEX ix_vendor_deployment_links_deployment_event_id ON vendor_deployment_links (deployment_event_id);

-- The checks are the columns' own and go with them.
ALTER TABLE code_chunks DROP COLUMN project_id;
DROP INDEX idx_project_repository;
ALTER TABLE repositories DROP COLUMN project_id;
