-- Finds a stream by kind and key without reading the log.
CREATE TABLE stream_index (
    kind      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    stream_id TEXT    NOT NULL,
    version   INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT pk_stream_index PRIMARY KEY (kind, key),
    CONSTRAINT uq_stream_index_stream_id UNIQUE (stream_id),

    -- From here on: what the column types refuse on Postgres.
    -- kind is as wide as event_store.stream_type, which it is filled from.
    CONSTRAINT ck_stream_index_kind_100_char CHECK (length(kind) <= 100),
    CONSTRAINT ck_stream_index_key_512_char CHECK (length(key) <= 512),
    CONSTRAINT ck_stream_index_stream_id_26_char CHECK (length(stream_id) <= 26),
    CONSTRAINT ck_stream_index_version_32_bit CHECK (version BETWEEN -2147483648 AND 2147483647),
    -- length() stops at a NUL character and does not see what follows it.
    CONSTRAINT ck_stream_index_no_nul CHECK (
        instr(kind, char(0)) = 0
        AND instr(key, char(0)) = 0
        AND instr(stream_id, char(0)) = 0
    )
) STRICT;
