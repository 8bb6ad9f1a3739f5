-- Repositories and chunks belong to a project; nine tables that the index does not need go.
DO $$
DECLARE
    dropped  CONSTANT regclass[] := '{work_items, work_item_dependencies, tasks, task_branches, task_commits,
        vendor_extractors, vendor_test_results, deployment_events, vendor_deployment_links}';
    crossing text;
BEGIN
    SELECT string_agg(conrelid::regclass || ' refers to ' || confrelid::regclass, ', ' ORDER BY conname)
    INTO crossing
    FROM pg_constraint
    WHERE contype = 'f' AND (conrelid = ANY (dropped)) <> (confrelid = ANY (dropped));
    IF crossing IS NOT NULL THEN
        RAISE EXCEPTION '0002_projects refuses: between a table to be dropped and one to be kept there is a foreign key: %', crossing
            USING HINT = 'Drop the foreign key first if the rows behind it may go.';
    END IF;
END
$$;

ALTER TABLE repositories
    ADD COLUMN project_id varchar(50) NOT NULL DEFAULT 'default',
    ADD CONSTRAINT ck_repositories_project_id CHECK (project_id ~ '^[a-z0-9-]{1,50}$');
CREATE INDEX idx_project_repository ON repositories (project_id, id);

-- handrail:allow mixed code_chunks because what is rolled back as one is one revision
ALTER TABLE code_chunks ADD COLUMN project_id varchar(50);
UPDATE code_chunks SET project_id = (SELECT r.project_id FROM repositories r WHERE r.id = repository_id);
ALTER TABLE code_chunks
    ALTER COLUMN project_id SET NOT NULL,
    ADD CONSTRAINT ck_code_chunks_project_id CHECK (project_id ~ '^[a-z0-9-]{1,50}$');

DROP TABLE vendor_deployment_links;
DROP TABLE deployment_events;
DROP TABLE vendor_test_results;
DROP TABLE vendor_extractors;
DROP TABLE task_commits;
DROP TABLE task_branches;
DROP TABLE tasks;
DROP TABLE work_item_dependencies;
DROP TABLE work_items;
