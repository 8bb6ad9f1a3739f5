package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/handrail-db/handrail/fixtures"
)

// commands are those that the scripts have beside testscript's own.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"status":   status,
	"norm":     norm,
	"database": database,
	"role":     role,
	"query":    query,
	"gate":     gate,
	"latin1":   latin1,
	"utf16":    utf16LE,
	"module":   module,
}

// tbKey is where a script keeps its test.
type tbKey struct{}

// cleanUp does something when the script has ended, and fails it on an error.
func cleanUp(ts *testscript.TestScript, f func() error) {
	tb := ts.Value(tbKey{}).(testing.TB)
	tb.Cleanup(func() {
		if err := f(); err != nil {
			tb.Error(err)
		}
	})
}

// status N COMMAND… runs a command that must end with this exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var ended *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// what differs from run to run and from machine to machine.
var differing = []struct {
	pattern *regexp.Regexp
	to      string
}{
	{regexp.MustCompile(`\b(Postgres|SQLite) \d+(\.\d+)*(rc\d+|beta\d+|devel)?`), "$1 VERSION"},
	{regexp.MustCompile(`(Postgres VERSION, ).*`), "${1}SOURCE"},
	{regexp.MustCompile(` *\b\d+\.\d+ ?m?s\b`), "  TIME"},
	{regexp.MustCompile(`(\S) {2,}(\S)`), "$1  $2"}, // columns, as wide as the times in them
	{regexp.MustCompile(`"(up|down|up_again|seconds)": [0-9.e-]+`), `"$1": TIME`},
	{regexp.MustCompile(`"(began|who)": ".+"`), `"$1": "…"`},
	{regexp.MustCompile(`"target": "database .+"`), `"target": "database …"`},
}

// norm FILE prints a file, or stdout, or stderr, without what differs from run
// to run, for cmp.
func norm(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: norm file")
	}
	text := ts.ReadFile(args[0])
	fmt.Fprint(ts.Stderr(), ts.ReadFile("stderr")) // which is still to be looked at
	for _, d := range differing {
		text = d.pattern.ReplaceAllString(text, d.to)
	}
	fmt.Fprint(ts.Stdout(), text)
}

// latin1 FILE writes a file anew in ISO 8859-1, in which most of what is not ASCII
// is not valid UTF-8.
func latin1(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: latin1 file")
	}
	var text []byte
	for _, r := range ts.ReadFile(args[0]) {
		text = append(text, byte(r))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o666))
}

// utf16 FILE writes a file anew in UTF-16, little end first, as Windows does.
func utf16LE(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: utf16 file")
	}
	text := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(ts.ReadFile(args[0]))) {
		text = binary.LittleEndian.AppendUint16(text, unit)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o666))
}

// database VARIABLE makes an empty Postgres database that lives as long as the
// script, and puts its URL into the variable.
func database(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: database VARIABLE")
	}
	db, err := fixtures.Postgres.New(context.Background())
	ts.Check(err)
	cleanUp(ts, db.Close)
	config, err := configOf(db.DB())
	ts.Check(err)
	ts.Setenv(args[0], urlOf(config))
}

// configOf is how a pool connects.
func configOf(db *sql.DB) (config *pgx.ConnConfig, err error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(raw any) error {
		config = raw.(*stdlib.Conn).Conn().Config()
		return nil
	})
	return config, err
}

// urlOf writes a connection as a URL. A socket's folder has no place in front
// of the path.
func urlOf(c *pgx.ConnConfig) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(c.User, c.Password), Path: "/" + c.Database}
	if strings.HasPrefix(c.Host, "/") {
		u.RawQuery = url.Values{"host": {c.Host}, "port": {fmt.Sprint(c.Port)}}.Encode()
	} else {
		u.Host = net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
	}
	return u.String()
}

// role VARIABLE [createdb] makes a Postgres role that may log in, or make databases
// too, and nothing more, which lives as long as the script, and puts the URL with which it connects into the
// variable.
func role(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 || len(args) == 2 && args[1] != "createdb" {
		ts.Fatalf("usage: role VARIABLE [createdb]")
	}
	may := strings.Join(args[1:], "")
	db, err := fixtures.Postgres.New(context.Background())
	ts.Check(err)
	cleanUp(ts, db.Close)
	config, err := configOf(db.DB())
	ts.Check(err)
	config.User, config.Password = db.Name()+"_role", "top-secret"
	quoted := pgx.Identifier{config.User}.Sanitize()
	_, err = db.DB().Exec("CREATE ROLE " + quoted + " LOGIN PASSWORD 'top-secret' " + may)
	ts.Check(err)
	cleanUp(ts, func() error {
		_, err := db.DB().Exec("DROP ROLE " + quoted)
		return err
	})
	ts.Setenv(args[0], urlOf(config))
}

// query URL SQL prints the rows of a query, values with a bar between, or runs
// a statement.
func query(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: query url sql")
	}
	driver, dsn := "pgx", args[0]
	if file, ok := strings.CutPrefix(dsn, "sqlite://"); ok {
		driver, dsn = "sqlite", ts.MkAbs(file)
	}
	db, err := sql.Open(driver, dsn)
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	rows, err := db.Query(args[1])
	ts.Check(err)
	out := ts.Stdout()
	for rows.Next() {
		line, err := rowText(rows)
		ts.Check(err)
		fmt.Fprintln(out, line)
	}
	ts.Check(rows.Err())
}

func rowText(rows *sql.Rows) (string, error) {
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	if err := rows.Scan(places...); err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintln(values...), " ", "|"), "\n"), nil
}

// gate VARIABLE opens a port at which a Postgres server refuses every password,
// and puts its address into the variable. A server that handrail starts from
// local binaries asks nobody for a password.
func gate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gate VARIABLE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	cleanUp(ts, listener.Close)
	ts.Setenv(args[0], listener.Addr().String())
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			refusePassword(conn)
		}
	}()
}

// refusePassword speaks Postgres' protocol up to the point at which the server
// knows the password to be wrong.
func refusePassword(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the client has what it is to have
	server := pgproto3.NewBackend(conn, conn)
	for {
		message, err := server.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := message.(*pgproto3.SSLRequest); !ok {
			break
		}
		if _, err := conn.Write([]byte{'N'}); err != nil {
			return
		}
	}
	server.Send(&pgproto3.AuthenticationCleartextPassword{})
	if server.Flush() != nil || server.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return
	}
	if _, err := server.Receive(); err != nil {
		return
	}
	server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "me"`})
	_ = server.Flush()
}

// module NAME makes the current folder a Go module that has done what go get does
// for this repository, as it is on disk: it requires all that this one requires, so
// that nothing is fetched.
func module(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: module NAME")
	}
	repository := ts.Getenv("REPOSITORY")
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		ts.Check(err)
		text = bytes.Replace(text, []byte("module "+modulePath+"\n"), fmt.Appendf(nil,
			"module %s\n\nrequire %[2]s v0.0.0\n\nreplace %[2]s => %[3]q\n", args[0], modulePath, repository), 1)
		ts.Check(os.WriteFile(ts.MkAbs(file), text, 0o666))
	}
}
