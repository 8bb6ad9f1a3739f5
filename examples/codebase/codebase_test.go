// Package codebase_test shows a rollback that handrail verifies: see README.md.
package codebase_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/schema"
)

const (
	baseline = 1
	projects = 2
)

// subject is the history of this example in both dialects.
func subject() handrail.Subject {
	return handrail.Subject{Name: "codebase", Postgres: os.DirFS("migrations/postgres"), SQLite: os.DirFS("migrations/sqlite")}
}

// rollback is the way from 0002_projects back to 0001_baseline, with rows.
var rollback = verify.Rollback{
	From: baseline, To: projects,
	Seed: seed,
	AtTo: func(ctx context.Context, db *sql.DB, d dialect.Dialect) error {
		for _, h := range []verify.Hook{
			counts(7, `SELECT (SELECT count(*) FROM repositories WHERE project_id = 'default') + (SELECT count(*) FROM code_chunks WHERE project_id = 'default')`),
			counts(0, theNine),
			refuses(`UPDATE repositories SET project_id = 'Not a Slug'`, "ck_repositories_project_id"),
			refuses(`UPDATE code_chunks SET project_id = ''`, "ck_code_chunks_project_id"),
			refuses(`UPDATE code_chunks SET project_id = NULL`, "project_id"),
		} {
			if err := h(ctx, db, d); err != nil {
				return err
			}
		}
		return nil
	},
	Expect: []verify.Expectation{
		{ID: "V1.3", What: "the columns are gone", Check: counts(
			0,
			`SELECT count(*) FROM information_schema.columns WHERE column_name = 'project_id' AND table_schema = current_schema()`,
			`SELECT count(*) FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE c.name = 'project_id'`,
		)},
		{ID: "V2.2", What: "the CHECKs are gone", Check: counts(
			0,
			`SELECT count(*) FROM pg_constraint WHERE conname IN ('ck_repositories_project_id', 'ck_code_chunks_project_id')`,
			`SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%ck_repositories_project_id%' OR sql LIKE '%ck_code_chunks_project_id%'`,
		)},
		{ID: "V3.2", What: "the index is gone", Check: counts(
			0,
			`SELECT count(*) FROM pg_indexes WHERE indexname = 'idx_project_repository'`,
			`SELECT count(*) FROM sqlite_schema WHERE name = 'idx_project_repository'`,
		)},
		{ID: "V4.3", What: "the nine tables are back", Check: counts(9, theNine)},
		{ID: "V5.5", What: "the numbers of rows are kept", Check: counts(
			3004, `SELECT 1000 * (SELECT count(*) FROM repositories) + (SELECT count(*) FROM code_chunks)`,
		)},
	},
	Budget: 10 * time.Second,
}

// theNine counts the tables that 0002_projects drops, by their names alone.
const theNine = `SELECT count(*) FROM /* tables */ WHERE name IN ('work_items', 'work_item_dependencies', 'tasks', 'task_branches', 'task_commits',
	'vendor_extractors', 'vendor_test_results', 'deployment_events', 'vendor_deployment_links')`

// counts is a hook that wants a query to give a number. The query of SQLite is
// that of Postgres where there is no other.
func counts(want int, queries ...string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, d dialect.Dialect) error {
		query, tables := queries[0], "(SELECT tablename AS name FROM pg_tables) AS t"
		if d == dialect.SQLite {
			query, tables = queries[len(queries)-1], "sqlite_schema"
		}
		var got int
		if err := db.QueryRowContext(ctx, strings.ReplaceAll(query, "/* tables */", tables)).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s gives %d, want %d", query, got, want)
		}
		return nil
	}
}

// refuses is a hook that wants a statement to fail because of what is named.
func refuses(stmt, because string) verify.Hook {
	return func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error {
		_, err := db.ExecContext(ctx, stmt)
		if err == nil || !strings.Contains(err.Error(), because) {
			return fmt.Errorf("%s is not refused because of %s: %v", stmt, because, err)
		}
		return nil
	}
}

// seed writes the rows of the file that stands beside the revision: the same
// that the walk of TestMigrations climbs with.
func seed(ctx context.Context, db *sql.DB, d dialect.Dialect) error {
	rows, err := os.ReadFile(filepath.Join("migrations", string(d), "0002_projects.seed.sql"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, string(rows))
	return err
}

// onEachEngine runs one body on every engine, in parallel.
func onEachEngine(t *testing.T, body func(t *testing.T, e engine.Engine)) {
	t.Helper()
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			body(t, e)
		})
	}
}

// TestMigrations is every check of the walk, with the rows of the seed.
func TestMigrations(t *testing.T) {
	t.Parallel()
	handrail.Run(t, subject())
}

// TestRollback goes to 0002_projects and back. Beside the numbered validations the
// catalogue is compared as a whole and every row value for value, and going to
// 0001_baseline once more changes nothing.
func TestRollback(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) { handrail.Rollback(t, subject(), e, rollback) })
}

// TestRefusal: 0002_projects does not begin where a foreign key crosses the border
// between the tables that go and those that stay, and changes nothing then.
func TestRefusal(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		for _, c := range []struct{ name, reason, stmt, want string }{
			{
				"from a dropped table", "somebody relies on it",
				"ALTER TABLE tasks ADD COLUMN repository_id bigint REFERENCES repositories (id)", "tasks refers to repositories",
			},
			{
				"to a dropped table", "SQLite would drop it and leave the reference",
				"ALTER TABLE code_chunks ADD COLUMN task_id bigint REFERENCES tasks (id)", "code_chunks refers to tasks",
			},
			{
				"between dropped tables", "both go",
				"ALTER TABLE vendor_test_results ADD COLUMN task_id bigint REFERENCES tasks (id)", "",
			},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				db := handrail.OpenAt(t, subject(), e, baseline)
				require.NoError(t, seed(t.Context(), db.DB, e.Dialect()))
				_, err := db.ExecContext(t.Context(), c.stmt)
				require.NoError(t, err)
				before, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
				require.NoError(t, err)
				err = db.Migrate(t.Context(), subject(), projects)
				if c.want == "" {
					require.NoError(t, err, c.reason)
					return
				}
				require.ErrorContains(t, err, "0002_projects refuses: between a table to be dropped and one to be kept there is a foreign key: "+c.want, c.reason)
				after, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
				require.NoError(t, err)
				require.Empty(t, schema.Diff(before, after), "a refusal changes nothing")
			})
		}
	})
}

// An edit replaces text in a file of both dialects, or of one where the other's
// is "-". An empty old text stands for the end of the file.
type edit struct{ file, old, postgres, sqlite string }

// edited is the subject with a file of each dialect edited, in memory.
func edited(t *testing.T, e edit) handrail.Subject {
	t.Helper()
	s := subject()
	s.Postgres, s.SQLite = overlay(t, s.Postgres, e.file, e.old, e.postgres), overlay(t, s.SQLite, e.file, e.old, e.sqlite)
	return s
}

func overlay(t *testing.T, folder fs.FS, file, old, text string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(folder, "*")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		if name == file && text != "-" {
			require.Contains(t, string(content), old, "%s has changed: mend this test", file)
			if old == "" {
				content = append(content, text...)
			} else {
				content = []byte(strings.Replace(string(content), old, text, 1))
			}
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	return files
}

const down = "0002_projects.down.sql"

// TestLostValues: the rollback goes red when one value is lost.
func TestLostValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		edit         edit
		want         []string
	}{
		{
			"one number of an embedding", "the same length, the same beginning",
			edit{down, "", "UPDATE code_chunks SET embedding[700] = 0 WHERE id = 3;", "UPDATE code_chunks SET embedding = json_set(embedding, '$[699]', 0) WHERE id = 3;"},
			[]string{"error rows-changed: 0002_projects: down changes embedding in 1 of 4 rows of code_chunks"},
		},
		{
			"the end of a text", "what came back is the beginning",
			edit{down, "", "UPDATE code_chunks SET content = substr(content, 1, 10) WHERE id = 2;", "UPDATE code_chunks SET content = substr(content, 1, 10) WHERE id = 2;"},
			[]string{"error truncated: 0002_projects: down cuts content in 1 of 4 rows of code_chunks"},
		},
		{
			"a row", "here the numbers tell too",
			edit{down, "", "DELETE FROM code_chunks WHERE id = 4;", "DELETE FROM code_chunks WHERE id = 4;"},
			[]string{
				"error rows-lost: 0002_projects: down loses 1 of 4 rows of code_chunks",
				"error scenario-fails: rollback of 0002_projects to 0001_baseline: V5.5 the numbers of rows are kept: SELECT 1000 * (SELECT count(*) FROM repositories) + (SELECT count(*) FROM code_chunks) gives 3003, want 3004",
			},
		},
		{
			"a row for another", "the numbers are kept and the row is not",
			edit{
				down, "", "DELETE FROM repositories WHERE id = 3; INSERT INTO repositories (id, name, url) VALUES (4, 'empty', 'https://example.com/empty.git');",
				"DELETE FROM repositories WHERE id = 3; INSERT INTO repositories (id, name, url) VALUES (4, 'empty', 'https://example.com/empty.git');",
			},
			[]string{
				"error rows-lost: 0002_projects: down loses 1 of 3 rows of repositories",
				"warning rows-added: 0002_projects: down leaves 1 row in repositories that the up did not find there",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachEngine(t, func(t *testing.T, e engine.Engine) {
				require.Equal(t, c.want, firstLines(check(t, e, edited(t, c.edit)).Findings), c.reason)
			})
		})
	}
}

// TestLostNumberIsShown: of 1536 numbers the finding shows those around the one
// that is lost.
func TestLostNumberIsShown(t *testing.T) {
	t.Parallel()
	s := edited(t, edit{down, "", "UPDATE code_chunks SET embedding[700] = 0 WHERE id = 3;", "UPDATE code_chunks SET embedding = json_set(embedding, '$[699]', 0) WHERE id = 3;"})
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		for _, f := range check(t, e, s).Findings {
			if f.Rule != finding.RowsChanged {
				continue
			}
			want, got, whole := f.Sides()
			require.Contains(t, want, ",0.333947,0.438675", "as it was")
			require.Contains(t, got, ",0,0.438675", "as it is")
			require.False(t, whole)
			require.Less(t, len(f.String()), 1500)
			require.Greater(t, len(f.Want), 10000, "whole, for programs")
			return
		}
		t.Fatal("nothing was found")
	})
}

// TestDroppedTablesComeBackWhole: a table that comes back by its name and not in
// every column, check, index and key is seen, where V4.3 alone is content.
func TestDroppedTablesComeBackWhole(t *testing.T) {
	t.Parallel()
	const at = " is not as it was at 0001_baseline"
	both := func(old, text string) edit { return edit{down, old, text, text} }
	for _, c := range []struct {
		name string
		edit edit
		want string
	}{
		{"a default", both(" DEFAULT 'open'", ""), "error change: rollback of 0002_projects to 0001_baseline: column work_items.status" + at},
		{"a column", both("    environment", "    region varchar(20),\n    environment"), "error residue: rollback of 0002_projects to 0001_baseline: column deployment_events.region" + at},
		{"a check", both("BETWEEN 1 AND 5", "BETWEEN 1 AND 9"), "error change: rollback of 0002_projects to 0001_baseline: check ck_work_items_priority on work_items" + at},
		{"a unique key", both("    CONSTRAINT uq_task_branches_task_id_name UNIQUE (task_id, name),\n", ""), "error loss: rollback of 0002_projects to 0001_baseline: unique uq_task_branches_task_id_name on task_branches" + at},
		{"a foreign key", both(" ON DELETE SET NULL", ""), "error change: rollback of 0002_projects to 0001_baseline: foreign key fk_tasks_work_item_id_work_items on tasks" + at},
		{"an index", both("CREATE INDEX ix_task_commits_sha ON task_commits (sha);", ""), "error loss: rollback of 0002_projects to 0001_baseline: index ix_task_commits_sha on task_commits" + at},
		{"the order of an index", both("ran_at DESC", "ran_at"), "error change: rollback of 0002_projects to 0001_baseline: index ix_vendor_test_results_extractor_id_ran_at on vendor_test_results" + at},
		{"the condition of an index", both(" WHERE NOT done", ""), "error change: rollback of 0002_projects to 0001_baseline: index ix_tasks_due_on_open on tasks" + at},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachEngine(t, func(t *testing.T, e engine.Engine) {
				run := check(t, e, edited(t, c.edit))
				require.Equal(t, []string{c.want}, firstLines(run.Findings))
				for _, item := range run.Checklist {
					if strings.Contains(item.Promise, "V4.3") {
						require.Equal(t, finding.Pass, item.Status, "the names are all back")
						return
					}
				}
				t.Fatal("V4.3 was not looked at")
			})
		})
	}
}

// TestRebuilds: what handrail says of other ways to write the up for SQLite.
func TestRebuilds(t *testing.T) {
	t.Parallel()
	const (
		up       = "0002_projects.up.sql"
		alter    = "ALTER TABLE repositories ADD COLUMN project_id TEXT NOT NULL DEFAULT 'default'\n    CONSTRAINT ck_repositories_project_id CHECK (length(project_id) BETWEEN 1 AND 50 AND project_id NOT GLOB '*[^a-z0-9-]*');"
		textbook = `PRAGMA foreign_keys = OFF;
CREATE TABLE repositories_new (
    id         INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    created_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    project_id TEXT    NOT NULL DEFAULT 'default'
        CONSTRAINT ck_repositories_project_id CHECK (length(project_id) BETWEEN 1 AND 50 AND project_id NOT GLOB '*[^a-z0-9-]*'),
    CONSTRAINT pk_repositories PRIMARY KEY (id),
    CONSTRAINT uq_repositories_name UNIQUE (name)
);
INSERT INTO repositories_new (id, name, url, created_at) SELECT id, name, url, created_at FROM repositories;
DROP TABLE repositories;
ALTER TABLE repositories_new RENAME TO repositories;
PRAGMA foreign_keys = ON;`
	)
	recreated := "warning recreate: 0002_projects: up makes table repositories anew with all its rows, and ALTER TABLE comes to the same, as was tried"
	for _, c := range []struct {
		name, reason, old, text string
		foreignKeys             bool
		want                    []string
	}{
		{name: "as it is", reason: "clean in every mode of the driver"},
		{name: "as it is, foreign keys on", reason: "nothing refers to the table that is rebuilt", foreignKeys: true},
		{
			name: "forgets the index", reason: "DROP TABLE takes it along",
			old: "CREATE INDEX ix_code_chunks_path ON code_chunks (path);\n", text: "",
			want: []string{
				"error loss: 0002_projects: down does not bring index ix_code_chunks_path on code_chunks back",
				"error rebuild-lost-object: 0002_projects: up (in a transaction, foreign keys off) rebuilds code_chunks and does not create index ix_code_chunks_path on code_chunks again",
			},
		},
		{
			name: "swaps two columns", reason: "both are text, so that nothing fails",
			old: "path, first_line, last_line, content, embedding,", text: "content, first_line, last_line, path, embedding,",
			want: []string{"error rows-changed: 0002_projects: up changes path, content in 4 rows of code_chunks"},
		},
		{
			name: "rebuilds repositories too", reason: "code_chunks refers to it: harmless without foreign keys, and only then",
			old: alter, text: textbook,
			want: []string{"warning rebuild-cascade: 0002_projects: up (in a transaction, foreign keys on) rebuilds repositories, and 4 rows of code_chunks go with it; the project runs it otherwise", recreated},
		},
		{
			name: "rebuilds repositories too, foreign keys on", reason: "the PRAGMA has no effect in the driver's transaction",
			old: alter, text: textbook, foreignKeys: true,
			want: []string{"error rebuild-cascade: 0002_projects: up (in a transaction, foreign keys on) rebuilds repositories, and 4 rows of code_chunks go with it", recreated},
		},
	} {
		for _, e := range []engine.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory} {
			t.Run(c.name+"/"+e.Name(), func(t *testing.T) {
				t.Parallel()
				s := edited(t, edit{up, c.old, "-", c.text})
				s.Runner.ForeignKeys = c.foreignKeys
				run, err := verify.Stairway(t.Context(), e, s)
				require.NoError(t, err)
				require.Equal(t, c.want, firstLines(run.All()), c.reason)
			})
		}
	}
}

// TestVector is the rollback with embeddings of pgvector's type. It runs where the
// server has the extension.
func TestVector(t *testing.T) {
	t.Parallel()
	var there bool
	require.NoError(t, handrail.Scratch(t, fixtures.Postgres).QueryRowContext(t.Context(),
		"SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector')").Scan(&there))
	if !there {
		t.Skip("this Postgres server has no extension vector: install pgvector for it (Debian: postgresql-17-pgvector), or set HANDRAIL_SCRATCH_URL to one that has it")
	}
	s := handrail.Subject{Name: "codebase with pgvector", Prelude: "CREATE EXTENSION vector;"}
	s.Postgres = overlay(t, os.DirFS("migrations/postgres"), "0001_baseline.up.sql", "embedding     real[]  ", "embedding     vector(1536)")
	s.Postgres = overlay(t, s.Postgres, "0001_baseline.up.sql", "cardinality(embedding)", "vector_dims(embedding)")
	handrail.Rollback(t, s, fixtures.Postgres, rollback)

	s.Postgres = overlay(t, s.Postgres, down, "", "UPDATE code_chunks SET embedding = overlay(embedding::text placing '9' from 5001)::vector WHERE id = 3;")
	require.Equal(t, []string{"error rows-changed: 0002_projects: down changes embedding in 1 of 4 rows of code_chunks"}, firstLines(check(t, fixtures.Postgres, s).Findings))
}

// check is the rollback of a subject, for what it finds. An engine that is not
// to be had skips the test.
func check(t *testing.T, e engine.Engine, s handrail.Subject) finding.Run {
	t.Helper()
	handrail.Scratch(t, e)
	run, err := verify.CheckRollback(t.Context(), e, s, rollback)
	require.NoError(t, err)
	return run
}

// firstLines are those of the findings that nobody has waived, without the schema
// that Postgres puts before a table.
func firstLines(findings []finding.Finding) (lines []string) {
	for _, f := range findings {
		if f.Waived == "" {
			line, _, _ := strings.Cut(f.String(), "\n")
			lines = append(lines, strings.ReplaceAll(line, "public.", ""))
		}
	}
	return lines
}
