-- Finds a stream by kind and key without reading the log.
CREATE TABLE stream_index (
    -- As wide as event_store.stream_type, which it is filled from.
    kind      VARCHAR(100) NOT NULL,
    key       VARCHAR(512) NOT NULL,
    stream_id VARCHAR(26)  NOT NULL,
    version   INTEGER      NOT NULL DEFAULT 0,
    CONSTRAINT pk_stream_index PRIMARY KEY (kind, key),
    CONSTRAINT uq_stream_index_stream_id UNIQUE (stream_id)
);

COMMENT ON TABLE stream_index IS
    'Index of streams. One row per stream.';
COMMENT ON COLUMN stream_index.kind IS
    'Stream category/type (stream_type of its first event).';
COMMENT ON COLUMN stream_index.key IS
    'Logical stream identifier (event_store.stream_id).';
COMMENT ON COLUMN stream_index.stream_id IS
    'ULID (26 chars) of the stream: event_id of its first event.';
COMMENT ON COLUMN stream_index.version IS
    'Highest version of the stream; 0 before its first event.';
