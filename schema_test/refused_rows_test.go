package schema_test

import (
	"slices"
	"strings"
)

// What Postgres says without naming anything, because the type refuses.
const (
	tooLong   = "22001"
	tooGreat  = "22003"
	noSuchDay = "22008"
	noTime    = "22007"
	noNumber  = "22P02"
	noJSON    = "22P02"
	noEscape  = "22P05" // an escape for a character that cannot be stored
	noUTF8    = "22021"
	wrongType = "42804"
)

// checked is the refusal by a type of Postgres, and on SQLite by the check that
// stands in for it.
func checked(postgres, check string) perDialect { return each(postgres, "275 check "+check) }

// typed is the refusal by a type of Postgres, and on SQLite by STRICT.
func typed(postgres, column string) perDialect { return each(postgres, "3091 column "+column) }

// blob is a value of bytes.
func blob(hex string) perDialect { return each(`'\x`+hex+`'::bytea`, "x'"+hex+"'") }

var (
	nul  = "\x00"
	long = strings.Repeat
)

// at is a column with a value.
func at(column string, value any) row { return row{column: value} }

// badEvents are what event_store refuses.
var badEvents = slices.Concat(badDocuments("payload"), badDocuments("metadata"), []badRow{
	{"stream_id of 201 characters", "VARCHAR(200)", at("stream_id", long("x", 201)), checked(tooLong, "ck_event_store_stream_id_200_char"), true},
	{"stream_id of 201 characters of four bytes", "characters are counted, not bytes", at("stream_id", long("😀", 201)), checked(tooLong, "ck_event_store_stream_id_200_char"), true},
	{"stream_id of 5000 characters", "VARCHAR(200)", at("stream_id", long("x", 5000)), checked(tooLong, "ck_event_store_stream_id_200_char"), true},
	{"stream_type of 101 characters", "VARCHAR(100)", at("stream_type", long("x", 101)), checked(tooLong, "ck_event_store_stream_type_100_char"), true},
	{"event_type of 121 characters", "VARCHAR(120)", at("event_type", long("x", 121)), checked(tooLong, "ck_event_store_event_type_120_char"), true},

	{"event_id of 25 characters", "a ULID has 26", at("event_id", long("0", 25)), violated("ck_event_store_event_id_26_char"), false},
	{"event_id of 27 characters", "a ULID has 26; on Postgres the type is faster than the check", at("event_id", long("0", 27)), checked(tooLong, "ck_event_store_event_id_26_char"), false},
	{"empty event_id", "a ULID has 26 characters", at("event_id", ""), violated("ck_event_store_event_id_26_char"), false},
	{"event_id of 26 bytes in 13 characters", "characters are counted, not bytes", at("event_id", long("é", 13)), violated("ck_event_store_event_id_26_char"), false},

	{"version 0", "the first version is 1", at("version", 0), violated("ck_event_store_positive_version"), false},
	{"version -1", "the first version is 1", at("version", -1), violated("ck_event_store_positive_version"), false},
	{"version of 33 bits", "INTEGER", at("version", sqlText("4294967296")), checked(tooGreat, "ck_event_store_version_32_bit"), true},
	{"version one too great", "INTEGER", at("version", sqlText("2147483648")), checked(tooGreat, "ck_event_store_version_32_bit"), true},
	{"version in letters", "INTEGER", at("version", sqlText("'abc'")), typed(noNumber, "event_store.version"), true},
	{"empty version", "INTEGER", at("version", sqlText("''")), typed(noNumber, "event_store.version"), true},
	{"version of bytes", "INTEGER", at("version", blob("31")), typed(wrongType, "event_store.version"), true},
	{"global_seq in letters", "BIGINT; SQLite calls it a mismatch where the column is the rowid", at("global_seq", sqlText("'abc'")), each(noNumber, "20"), false},
	{"global_seq of 65 bits", "BIGINT; on SQLite it is a fraction then", at("global_seq", sqlText("9223372036854775808")), each(tooGreat, "20"), false},

	{"stream_id NULL", "NOT NULL", at("stream_id", sqlText("NULL")), missing("event_store.stream_id"), false},
	{"stream_type NULL", "NOT NULL", at("stream_type", sqlText("NULL")), missing("event_store.stream_type"), false},
	{"version NULL", "NOT NULL", at("version", sqlText("NULL")), missing("event_store.version"), false},
	{"event_id NULL", "NOT NULL", at("event_id", sqlText("NULL")), missing("event_store.event_id"), false},
	{"event_type NULL", "NOT NULL", at("event_type", sqlText("NULL")), missing("event_store.event_type"), false},
	{"recorded_at NULL", "NOT NULL: to have the server's time, leave it out", at("recorded_at", sqlText("NULL")), missing("event_store.recorded_at"), false},
	{"payload NULL", "an event says something", at("payload", sqlText("NULL")), missing("event_store.payload"), false},

	{"stream_id with NUL", "text of Postgres holds none", at("stream_id", "a"+nul+"b"), checked(noUTF8, "ck_event_store_no_nul"), true},
	{"stream_id with a tail behind NUL", "length() stops there", at("stream_id", "a"+nul+long("x", 5000)), checked(noUTF8, "ck_event_store_no_nul"), true},
	{"stream_type with NUL", "text of Postgres holds none", at("stream_type", nul), checked(noUTF8, "ck_event_store_no_nul"), true},
	{"event_id with NUL", "26 characters before it, and more behind", at("event_id", long("0", 26)+nul+"x"), checked(noUTF8, "ck_event_store_no_nul"), true},
	{"event_type with NUL", "text of Postgres holds none", at("event_type", "a"+nul), checked(noUTF8, "ck_event_store_no_nul"), true},

	{"recorded_at in words", "not a time", at("recorded_at", sqlText("'soon'")), checked(noTime, "ck_event_store_recorded_at_utc"), true},
	{"empty recorded_at", "not a time", at("recorded_at", sqlText("''")), checked(noTime, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at on 31 February", "no such day", at("recorded_at", sqlText("'2026-02-31T00:00:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at on 29 February 2023", "no such day in that year", at("recorded_at", sqlText("'2023-02-29T00:00:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at in month 13", "no such month", at("recorded_at", sqlText("'2026-13-01T00:00:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at at 25:00", "no such hour", at("recorded_at", sqlText("'2026-01-01T25:00:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at at 24:00:00.000001", "the day is over", at("recorded_at", sqlText("'2026-01-01T24:00:00.000001Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at at minute 60", "no such minute", at("recorded_at", sqlText("'2026-01-01T00:60:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at in year 0", "the calendar has none", at("recorded_at", sqlText("'0000-01-01T00:00:00.000000Z'")), checked(noSuchDay, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at in letters for digits", "not a time", at("recorded_at", sqlText("'2026-01-01T00:00:00.00000xZ'")), checked(noTime, "ck_event_store_recorded_at_utc"), true},
	{"recorded_at with NUL", "text of Postgres holds none", at("recorded_at", "2026-01-01T00:00:00.000000Z"+nul), checked(noUTF8, "ck_event_store_no_nul"), true},

	{"recorded_at of bytes", "TIMESTAMPTZ", at("recorded_at", blob("323032362d30312d30315430303a30303a30302e3030303030305a")), typed(wrongType, "event_store.recorded_at"), true},
})

// badDocuments are what both columns refuse that hold JSON.
func badDocuments(column string) []badRow {
	check := "ck_event_store_" + column
	invalid, escaped, unpaired := checked(noJSON, check+"_json"), checked(noEscape, check+"_no_nul_escape"), checked(noJSON, check+"_surrogate_pairs")
	return []badRow{
		{column + " of words", "JSONB", at(column, "not JSON"), invalid, true},
		{column + " that is empty", "JSONB", at(column, ""), invalid, true},
		{column + " of blanks", "JSONB", at(column, "  "), invalid, true},
		{column + " cut off", "JSONB", at(column, `{"a":1`), invalid, true},
		{column + " with more behind it", "JSONB", at(column, `{} {}`), invalid, true},
		{column + " in JSON5: keys without quotes", "SQLite can read it, and json_valid() knows better", at(column, `{a:1}`), invalid, true},
		{column + " in JSON5: single quotes", "not JSON", at(column, `{'a':1}`), invalid, true},
		{column + " in JSON5: comma at the end", "not JSON", at(column, `[1,]`), invalid, true},
		{column + " in JSON5: hexadecimal", "not JSON", at(column, `0x1F`), invalid, true},
		{column + " NaN", "not JSON", at(column, `NaN`), invalid, true},
		{column + " with a line break in a string", "not JSON: it must be escaped", at(column, "\"a\nb\""), invalid, true},
		{column + " of bytes", "JSONB; on SQLite the column is text", at(column, blob("7b7d")), typed(wrongType, "event_store."+column), true},
		{column + " with an escaped NUL", "JSONB cannot hold it", at(column, `{"a":"\u0000"}`), escaped, true},
		{column + " with an escaped NUL in a key", "JSONB cannot hold it", at(column, `{"\u0000":1}`), escaped, true},
		{column + " with a NUL behind an escaped backslash", "the backslash before it escapes itself, not this", at(column, `"\\\u0000"`), escaped, true},
		{column + " with a high surrogate alone", "half a character", at(column, `{"a":"\ud800"}`), unpaired, true},
		{column + " with a low surrogate alone", "half a character", at(column, `{"a":"\udc00"}`), unpaired, true},
		{column + " with a high surrogate before a letter", "half a character", at(column, `"\uDBFFxudc00"`), unpaired, true},
		{column + " with a high surrogate before another escape", "half a character", at(column, `"\ud800\n"`), unpaired, true},
		{column + " with a low surrogate behind another character", "half a character", at(column, `"\u0041\ude00"`), unpaired, true},
		{column + " with a low surrogate behind another escape", "half a character, with four between", at(column, `"\nabcd\ude00"`), unpaired, true},
		{column + " with a low surrogate behind plain letters", "half a character, with six before", at(column, `"ud83d \ude00"`), unpaired, true},
		{column + " with a high surrogate before another character", "half a character", at(column, `"\ud800\u0041"`), unpaired, true},
		{column + " with two high surrogates", "half a character twice", at(column, `"\ud83d\ud83d\ude00"`), unpaired, true},
		{column + " with two low surrogates", "a character and a half", at(column, `"\ud83d\ude00\ude00"`), unpaired, true},
		{column + " with a pair the wrong way round", "high comes first", at(column, `"\ude00\ud83d"`), unpaired, true},
		{column + " with a high surrogate that is none", "its backslash is escaped, so the low one is alone", at(column, `"\\ud83d\ude00"`), unpaired, true},
		{column + " with a low surrogate that is none", "its backslash is escaped, so the high one is alone", at(column, `"\ud83d\\ude00"`), unpaired, true},
		{column + " with NUL", "json_valid() stops there", at(column, "{}"+nul+"more"), checked(noUTF8, "ck_event_store_no_nul"), true},
	}
}

// badStreams are what stream_index refuses.
var badStreams = []badRow{
	{"kind of 101 characters", "VARCHAR(100)", at("kind", long("x", 101)), checked(tooLong, "ck_stream_index_kind_100_char"), true},
	{"key of 513 characters", "VARCHAR(512)", at("key", long("x", 513)), checked(tooLong, "ck_stream_index_key_512_char"), true},
	{"stream_id of 27 characters", "VARCHAR(26)", at("stream_id", long("x", 27)), checked(tooLong, "ck_stream_index_stream_id_26_char"), true},
	{"version one too great", "INTEGER", at("version", sqlText("2147483648")), checked(tooGreat, "ck_stream_index_version_32_bit"), true},
	{"version one too small", "INTEGER", at("version", sqlText("-2147483649")), checked(tooGreat, "ck_stream_index_version_32_bit"), true},
	{"version in letters", "INTEGER", at("version", sqlText("'abc'")), typed(noNumber, "stream_index.version"), true},

	{"kind NULL", "NOT NULL: part of the key", at("kind", sqlText("NULL")), missing("stream_index.kind"), false},
	{"key NULL", "NOT NULL: part of the key", at("key", sqlText("NULL")), missing("stream_index.key"), false},
	{"stream_id NULL", "NOT NULL", at("stream_id", sqlText("NULL")), missing("stream_index.stream_id"), false},
	{"version NULL", "NOT NULL: to have the default, leave it out", at("version", sqlText("NULL")), missing("stream_index.version"), false},

	{"kind with NUL", "text of Postgres holds none", at("kind", "a"+nul), checked(noUTF8, "ck_stream_index_no_nul"), true},
	{"key with a tail behind NUL", "length() stops there", at("key", nul+long("x", 5000)), checked(noUTF8, "ck_stream_index_no_nul"), true},
	{"stream_id with NUL", "text of Postgres holds none", at("stream_id", "a"+nul), checked(noUTF8, "ck_stream_index_no_nul"), true},
}

// differences are the rows that one dialect takes and the other refuses, as
// declared at the top of migrations/sqlite/0001_event_store.up.sql: want names
// who refuses it, and how.
var differences = []badRow{
	{name: "stream_id that is not UTF-8", reason: "SQLite does not look", row: at("stream_id", "\xff"), want: postgresOnly(noUTF8)},
	{name: "payload with a number beyond numeric", reason: "SQLite keeps the digits as text", row: at("payload", "1e200000"), want: postgresOnly(tooGreat)},
	{name: "global_seq NULL", reason: "on SQLite it means the next number", row: at("global_seq", sqlText("NULL")), want: postgresOnly("23502 column event_store.global_seq")},

	{name: "global_seq 0", reason: "a trigger of SQLite reads -1 for a number that is still to be assigned", row: at("global_seq", 0), want: sqliteOnly("275 check ck_event_store_positive_global_seq")},
	{name: "version with a fraction", reason: "Postgres rounds", row: at("version", sqlText("1.5")), want: sqliteOnly("3091 column event_store.version")},
	{name: "stream_id with a blank too many", reason: "Postgres cuts blanks off", row: at("stream_id", long("x", 200)+" "), want: sqliteOnly("275 check ck_event_store_stream_id_200_char")},
	{name: "stream_id of bytes", reason: "Postgres writes bytes as text", row: at("stream_id", blob("6162")), want: sqliteOnly("3091 column event_store.stream_id")},
	{name: "recorded_at yesterday", reason: "Postgres knows the word", row: at("recorded_at", sqlText("'yesterday'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "recorded_at at 24:00", reason: "Postgres takes it for the next day", row: at("recorded_at", sqlText("'2026-01-01T24:00:00.000000Z'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "recorded_at with an offset", reason: "Postgres converts it", row: at("recorded_at", sqlText("'2026-01-01T00:00:00.000000+01:00'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "recorded_at in milliseconds", reason: "one width, so that the text sorts", row: at("recorded_at", sqlText("'2026-01-01T00:00:00.000Z'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "recorded_at in year 10000", reason: "four digits, so that the text sorts", row: at("recorded_at", sqlText("'10000-01-01T00:00:00.000000Z'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "recorded_at infinity", reason: "no text for it", row: at("recorded_at", sqlText("'infinity'")), want: sqliteOnly("275 check ck_event_store_recorded_at_utc")},
	{name: "payload nested too deep", reason: "SQLite reads 1000 levels", row: at("payload", long("[", 1001)+long("]", 1001)), want: sqliteOnly("275 check ck_event_store_payload_json")},
}
