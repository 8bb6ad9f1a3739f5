-- Data only. One row per stream, taken from its first event, the one with the lowest version.
-- Running it again changes nothing: a row that is there only ever gets a higher version.
--
-- Rows written by hand before this revision:
-- * The same (kind, key) with another stream_id. The name is taken, so the row stays and keeps its stream_id. Its
--   version is raised all the same, because how far a stream has come is a fact of the log.
-- * The first event_id of a stream under another (kind, key). Somebody gave that stream another name, and
--   uq_stream_index_stream_id allows it one, so the row stays as it is and the stream gets no second one. Failing
--   instead would stop every deployment over a row that is legal.
INSERT INTO stream_index (kind, key, stream_id, version)
SELECT first_event.stream_type, first_event.stream_id, first_event.event_id, span.highest
FROM (
    SELECT stream_id, min(version) AS lowest, max(version) AS highest
    FROM event_store
    GROUP BY stream_id
) AS span
JOIN event_store AS first_event
    ON first_event.stream_id = span.stream_id AND first_event.version = span.lowest
WHERE NOT EXISTS (
    SELECT 1
    FROM stream_index AS taken
    WHERE taken.stream_id = first_event.event_id
      AND (taken.kind, taken.key) <> (first_event.stream_type, first_event.stream_id)
)
ON CONFLICT (kind, key) DO UPDATE SET version = EXCLUDED.version
    WHERE stream_index.version < EXCLUDED.version;
