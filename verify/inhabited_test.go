package verify_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

// TestPartitionsAreInhabited: a partition holds the rows of its table, and is not
// one that nobody has put a row into.
func TestPartitionsAreInhabited(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ seed, want string }{
		"rows":    {"INSERT INTO t VALUES (1, 1);", "pass, 1 row in 1 table"},
		"no rows": {"INSERT INTO other VALUES (1);", "not run, not inhabited when the up ran: public.t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := verify.Stairway(t.Context(), fixtures.Postgres, history.Subject{Postgres: fstest.MapFS{
				"0001_t.up.sql":   {Data: []byte("CREATE TABLE other (a int); CREATE TABLE t (id int, a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t DEFAULT;")},
				"0001_t.down.sql": {Data: []byte("DROP TABLE t; DROP TABLE other;")},
				"0002_c.seed.sql": {Data: []byte(c.seed)},
				"0002_c.up.sql":   {Data: []byte("ALTER TABLE t ADD COLUMN c int;")},
				"0002_c.down.sql": {Data: []byte("ALTER TABLE t DROP COLUMN c;")},
			}})
			ran(t, run, err)
			require.NoError(t, err)
			for _, item := range run.Checklist {
				if item.Promise == "every row is kept" {
					require.Equal(t, c.want, ""+string(item.Status)+", "+item.Evidence)
					return
				}
			}
			t.Fatal("the checklist has no line about rows")
		})
	}
}
