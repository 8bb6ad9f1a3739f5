-- The index agrees with the log: what it says of a stream is what the stream's events say, though new events may have
-- come since. Rows that somebody wrote by hand, under a name that is no stream's, are nobody's business here.
SELECT indexed.kind, indexed.key, indexed.stream_id, indexed.version, span.highest
FROM stream_index AS indexed
JOIN (
    SELECT stream_id, min(version) AS lowest, max(version) AS highest
    FROM event_store
    GROUP BY stream_id
) AS span ON span.stream_id = indexed.key
JOIN event_store AS first_event ON first_event.stream_id = span.stream_id AND first_event.version = span.lowest
WHERE indexed.stream_id = first_event.event_id
  AND (indexed.kind <> first_event.stream_type OR indexed.version > span.highest);
