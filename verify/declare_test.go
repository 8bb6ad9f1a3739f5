package verify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
)

// undeclarable are the cases whose schema at head no SQL makes, with what the
// error says.
var undeclarable = map[string]string{
	"invalid_index":                 "an index that is not valid is what a failed CREATE INDEX CONCURRENTLY has left",
	"cluster_settings_left":         "server setting work_mem: it belongs to the server",
	"cluster_privileges_left":       "other database postgres: it belongs to the server",
	"cluster_privileges_taken_back": "other database postgres: it belongs to the server",
	"hardcoded_url":                 "user mapping for PUBLIC on far: its options may be passwords, of which nothing but a hash is known",
	"role_dropped":                  "server setting work_mem: it belongs to the server",
}

// TestDeclareMakesEverySchema writes the declared model of each history that there
// is, unless it does not climb to its head. What is written has been run.
func TestDeclareMakesEverySchema(t *testing.T) {
	if testing.Short() {
		t.Skip("climbs all histories; not in a short run")
	}
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	require.NoError(t, err)
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		require.NoError(t, err)
		s, err := history.Load(caseFolder(t, archive), dialect.Postgres)
		if err != nil {
			continue
		}
		s.Prelude = fileOf(archive, "prelude")
		declareEach(t, strings.TrimSuffix(filepath.Base(file), ".txtar"), s)
	}
	for _, dir := range []string{"../migrations", "../examples/staff/migrations", "../examples/codebase/migrations", "../examples/todos/migrations"} {
		s, err := history.Load(os.DirFS(dir), dialect.Postgres)
		require.NoError(t, err)
		declareEach(t, dir, s)
	}
}

func declareEach(t *testing.T, name string, s history.Subject) {
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		if !s.Ships(e.Dialect()) {
			continue
		}
		t.Run(name+"/"+e.Name(), func(t *testing.T) {
			if _, refused := undeclarable[name]; e.Dialect() == dialect.Postgres && os.Getenv("HANDRAIL_EXHAUSTIVE") == "" && !strings.Contains(name, "migrations") && !refused {
				t.Skip("makes three databases of each history: make exhaustive does, as CI")
			}
			t.Parallel()
			_, err := e.Server(t.Context())
			available(t, err)
			head, err := s.Head(e.Dialect())
			if err != nil {
				t.Skipf("the history cannot be read, which is what its case is about: %v", err)
			}
			if db, err := verify.Migrated(t.Context(), e, s, head); err != nil {
				t.Skipf("the history does not climb to its head, which is what its case is about: %v", err)
			} else {
				require.NoError(t, db.Close())
			}
			s.Declared = nil
			m, err := verify.Declare(t.Context(), e, s)
			if want := undeclarable[name]; want != "" && e.Dialect() == dialect.Postgres {
				require.ErrorContains(t, err, want)
				return
			}
			require.NoError(t, err, m.SQL)
			require.False(t, m.Current)
			s.Declared = map[dialect.Dialect]string{e.Dialect(): m.SQL}
			again, err := verify.Declare(t.Context(), e, s)
			require.NoError(t, err)
			require.True(t, again.Current, "what was written is the model:\n%s", m.SQL)
		})
	}
}
