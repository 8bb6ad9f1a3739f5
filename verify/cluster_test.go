package verify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/history"
)

// TestClusterStatements: what is found, and what is not though it looks alike.
func TestClusterStatements(t *testing.T) {
	t.Parallel()
	cases := []struct {
		sql  string
		want []string
	}{
		{"CREATE ROLE app", []string{"f:1: CREATE ROLE app"}},
		{"\nCREATE USER \"App\" LOGIN;\nDROP GROUP IF EXISTS a, b", []string{"f:2: CREATE ROLE App", "f:3: DROP ROLE a, b"}},
		{"CREATE USER MAPPING FOR app SERVER s", nil},
		{"DROP USER MAPPING IF EXISTS FOR app SERVER s", nil},
		{"CREATE TABLE role (\"user\" text); ALTER TABLE role ADD database text; COMMENT ON TABLE role IS 'CREATE ROLE app'", nil},
		{"GRANT SELECT ON users TO app; REVOKE ALL ON SCHEMA public FROM app", nil},
		{"GRANT SELECT (a, b) ON users TO app", nil},
		{"GRANT a, b TO c; REVOKE ADMIN OPTION FOR a FROM c", []string{"f:1: GRANT ROLE a, b, c", "f:1: REVOKE ROLE a, c"}},
		{"REVOKE CONNECT ON DATABASE store FROM PUBLIC; GRANT CREATE ON TABLESPACE a, b TO c", []string{"f:1: REVOKE DATABASE store", "f:1: GRANT TABLESPACE a, b"}},
		{"GRANT SET, ALTER SYSTEM ON PARAMETER work_mem TO a; REVOKE GRANT OPTION FOR CONNECT ON DATABASE d FROM a", []string{"f:1: GRANT PARAMETER work_mem", "f:1: REVOKE DATABASE d"}},
		{"GRANT SELECT ON database TO a; GRANT USAGE ON FOREIGN SERVER database TO a", nil},
		{"DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO a', current_database()); END $$", nil},
		{"DROP OWNED BY a, b", []string{"f:1: DROP OWNED a, b"}},
		{"SELECT pg_create_logical_replication_slot('s', 'p'), pg_catalog.pg_replication_origin_drop('o')", []string{"f:1: CREATE REPLICATION pg_create_logical_replication_slot", "f:1: DROP REPLICATION pg_replication_origin_drop"}},
		{"DO $$ BEGIN PERFORM\npg_drop_replication_slot('s'); END $$", []string{"f:2: DROP REPLICATION pg_drop_replication_slot"}},
		{"ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO b", nil},
		{"ALTER ROLE app SET search_path = x", []string{"f:1: ALTER ROLE app"}},
		{"ALTER SYSTEM SET work_mem = '1MB'", []string{"f:1: ALTER SYSTEM set"}},
		{"CREATE TABLESPACE t LOCATION '/t'; COMMENT ON TABLESPACE t IS 'x'", []string{"f:1: CREATE TABLESPACE t", "f:1: COMMENT TABLESPACE t"}},
		{"ALTER DATABASE d SET x.y = 'z'", []string{"f:1: ALTER DATABASE d"}},
		{"REASSIGN OWNED BY a TO b", []string{"f:1: REASSIGN ROLE a"}},
		{"CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p", []string{"f:1: CREATE SUBSCRIPTION s"}},
		{"DO $$ BEGIN\n IF NOT EXISTS (SELECT FROM pg_roles) THEN\n  CREATE ROLE app;\n END IF;\nEND $$", []string{"f:3: CREATE ROLE app"}},
		{"DO $$ BEGIN EXECUTE format('CREATE ROLE %I', 'app'); END $$", []string{"f:1: CREATE ROLE"}},
		{"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET x.y = 1', current_database()); END $$", nil},
		{"DO $$ BEGIN RAISE NOTICE 'create role app'; END $$", nil},
		{"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN CREATE ROLE app; END $f$", []string{"f:1: CREATE ROLE app"}},
		{"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'CREATE ROLE app'", []string{"f:1: CREATE ROLE app"}},
		{"INSERT INTO notes VALUES ('CREATE ROLE app') -- CREATE ROLE app", nil},
	}
	for _, c := range cases {
		var got []string
		for _, s := range history.FindClusterStatements("f", c.sql) {
			got = append(got, s.String())
		}
		require.Equal(t, c.want, got, c.sql)
	}
}
