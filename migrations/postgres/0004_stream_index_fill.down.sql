-- Deletes the rows that carry the first event_id of some stream, and no others: rows written by hand carry another.
-- A version that up raised on such a row stays raised, since the lower one is recorded nowhere.
DELETE FROM stream_index
WHERE EXISTS (
    SELECT 1
    FROM event_store AS first_event
    WHERE first_event.event_id = stream_index.stream_id
      AND NOT EXISTS (
          SELECT 1
          FROM event_store AS earlier
          WHERE earlier.stream_id = first_event.stream_id
            AND earlier.version < first_event.version
      )
);
