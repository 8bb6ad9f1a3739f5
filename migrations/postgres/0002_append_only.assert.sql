-- Append-only holds, for the owner of the table and for a replication worker too.
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 1, '0ASSERT0000000000000000001', 'Asserted', '{}');

-- handrail:raises append-only; UPDATE not allowed
UPDATE event_store SET payload = '{"a": 1}' WHERE event_id = '0ASSERT0000000000000000001';

-- handrail:raises append-only; DELETE not allowed
DELETE FROM event_store WHERE event_id = '0ASSERT0000000000000000001';

-- handrail:raises append-only; TRUNCATE not allowed
TRUNCATE event_store;

SELECT tgname, tgenabled
FROM pg_trigger
WHERE tgrelid = 'event_store'::regclass AND tgname LIKE 'tr_event_store_%' AND tgenabled <> 'A';
