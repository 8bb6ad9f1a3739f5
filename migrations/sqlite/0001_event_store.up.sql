-- The same log with the means of SQLite: STRICT refuses values of another type, and the checks after the first two
-- refuse what the column types of Postgres refuse. There are no GIN indexes: SQLite cannot index a whole document.
--
-- Declared exceptions to parity.
-- Accepted here, refused by Postgres:
-- * text that is not valid UTF-8, of which length() counts no stray continuation byte
-- * JSON numbers with more than 131072 digits before the decimal point or 16383 after it, such as 1e200000
-- * JSON strings, arrays and objects of 256 MB and more
-- * NULL for global_seq, which means the next number
-- Refused here, accepted by Postgres:
-- * a global_seq below 1
-- * a version with a fraction, which Postgres rounds
-- * blanks beyond a length limit, which Postgres cuts off
-- * bytes for a text, which Postgres writes down as text
-- * a recorded_at in any other spelling, before year 1, after year 9999, or infinite
-- * JSON nested more than 1000 levels deep
-- Different in both:
-- * JSON stays as written here: blanks, order of keys, repeated keys, 1.0 and 1.00
-- * after an explicit global_seq the next automatic one is higher here, while the sequence of Postgres takes no notice
--
-- handrail:only sqlite ck_event_store_positive_global_seq because a trigger reads -1 where the number is still to be assigned

CREATE TABLE event_store (
    -- INTEGER PRIMARY KEY is the rowid itself. It needs no AUTOINCREMENT: the next number is the highest plus 1, and
    -- where no row is ever deleted no event had it before.
    global_seq  INTEGER NOT NULL,
    stream_id   TEXT    NOT NULL,
    stream_type TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    event_id    TEXT    NOT NULL,
    event_type  TEXT    NOT NULL,
    -- The clock gives milliseconds. The zeros keep the width fixed, so that the text sorts by time.
    recorded_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    payload     TEXT    NOT NULL,
    metadata    TEXT,
    CONSTRAINT pk_event_store PRIMARY KEY (global_seq),
    CONSTRAINT uq_event_store_event_id UNIQUE (event_id),
    -- Two writers that both read version n cannot both append version n + 1.
    CONSTRAINT uq_event_store_stream_id_version UNIQUE (stream_id, version),
    CONSTRAINT ck_event_store_event_id_26_char CHECK (length(event_id) = 26),
    CONSTRAINT ck_event_store_positive_version CHECK (version >= 1),

    -- From here on: what the column types refuse on Postgres.
    CONSTRAINT ck_event_store_stream_id_200_char CHECK (length(stream_id) <= 200),
    CONSTRAINT ck_event_store_stream_type_100_char CHECK (length(stream_type) <= 100),
    CONSTRAINT ck_event_store_event_type_120_char CHECK (length(event_type) <= 120),
    CONSTRAINT ck_event_store_version_32_bit CHECK (version <= 2147483647),
    -- A BEFORE INSERT trigger reads -1 where the number is still to be assigned, so no event may own -1. Postgres
    -- starts at 1, so all below may go with it.
    CONSTRAINT ck_event_store_positive_global_seq CHECK (global_seq >= 1),
    -- length(), GLOB and json_valid() stop at a NUL character and do not see what follows it.
    CONSTRAINT ck_event_store_no_nul CHECK (
        instr(stream_id, char(0)) = 0
        AND instr(stream_type, char(0)) = 0
        AND instr(event_id, char(0)) = 0
        AND instr(event_type, char(0)) = 0
        AND instr(recorded_at, char(0)) = 0
        AND instr(payload, char(0)) = 0
        AND instr(metadata, char(0)) = 0
    ),
    -- The round trip refuses 2026-02-31 and 24:00:00. The modifier makes strftime() compute where it would echo its
    -- input. IS, because the answer for month 13 is NULL, and a CHECK lets NULL pass. The calendar has no year 0.
    CONSTRAINT ck_event_store_recorded_at_utc CHECK (
        substr(recorded_at, 20) GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
        AND substr(recorded_at, 1, 19) IS strftime('%Y-%m-%dT%H:%M:%S', substr(recorded_at, 1, 19), '+0 seconds')
        AND recorded_at >= '0001-01-01'
    ),
    CONSTRAINT ck_event_store_payload_json CHECK (json_valid(payload)),
    -- SQLite before 3.45 calls NULL invalid.
    CONSTRAINT ck_event_store_metadata_json CHECK (metadata IS NULL OR json_valid(metadata)),
    -- json_valid() accepts escapes that Postgres cannot store: \u0000 and half a surrogate pair. Blanking every
    -- escaped backslash leaves only the backslashes that begin an escape. Then a high surrogate, \ud800 to \udbff,
    -- must be followed by a low one, \udc00 to \udfff (patterns 1 to 4, one for each place where what follows can
    -- differ), and a low one preceded by a high one (patterns 5 to 8, where six blanks in front give every low one
    -- six predecessors). The test before OR is there for speed only.
    CONSTRAINT ck_event_store_payload_no_nul_escape CHECK (
        instr(payload, '\u0000') = 0 OR instr(replace(payload, '\\', ' '), '\u0000') = 0
    ),
    CONSTRAINT ck_event_store_payload_surrogate_pairs CHECK (
        payload NOT GLOB '*\u[Dd][89A-Fa-f]*' OR (
            replace(payload, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??[^\]*'
            AND replace(payload, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\[^u]*'
            AND replace(payload, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\u[^Dd]*'
            AND replace(payload, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\u[Dd][^C-Fc-f]*'
            AND '      ' || replace(payload, '\\', ' ') NOT GLOB '*[^\]?????\u[Dd][C-Fc-f]*'
            AND '      ' || replace(payload, '\\', ' ') NOT GLOB '*\[^u]????\u[Dd][C-Fc-f]*'
            AND '      ' || replace(payload, '\\', ' ') NOT GLOB '*\u[^Dd]???\u[Dd][C-Fc-f]*'
            AND '      ' || replace(payload, '\\', ' ') NOT GLOB '*\u[Dd][^89ABab]??\u[Dd][C-Fc-f]*'
        )
    ),
    CONSTRAINT ck_event_store_metadata_no_nul_escape CHECK (
        instr(metadata, '\u0000') = 0 OR instr(replace(metadata, '\\', ' '), '\u0000') = 0
    ),
    CONSTRAINT ck_event_store_metadata_surrogate_pairs CHECK (
        metadata NOT GLOB '*\u[Dd][89A-Fa-f]*' OR (
            replace(metadata, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??[^\]*'
            AND replace(metadata, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\[^u]*'
            AND replace(metadata, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\u[^Dd]*'
            AND replace(metadata, '\\', ' ') NOT GLOB '*\u[Dd][89ABab]??\u[Dd][^C-Fc-f]*'
            AND '      ' || replace(metadata, '\\', ' ') NOT GLOB '*[^\]?????\u[Dd][C-Fc-f]*'
            AND '      ' || replace(metadata, '\\', ' ') NOT GLOB '*\[^u]????\u[Dd][C-Fc-f]*'
            AND '      ' || replace(metadata, '\\', ' ') NOT GLOB '*\u[^Dd]???\u[Dd][C-Fc-f]*'
            AND '      ' || replace(metadata, '\\', ' ') NOT GLOB '*\u[Dd][^89ABab]??\u[Dd][C-Fc-f]*'
        )
    )
) STRICT;

CREATE INDEX ix_event_store_event_store_event_type
    ON event_store (event_type);
CREATE INDEX ix_event_store_event_store_stream_id_event_store_global_seq
    ON event_store (stream_id, global_seq);
CREATE INDEX ix_event_store_event_store_stream_type_event_store_event_type
    ON event_store (stream_type, event_type);
