-- Append-only holds, for REPLACE too.
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 1, '0ASSERT0000000000000000001', 'Asserted', '{}');

-- handrail:raises append-only; UPDATE/DELETE not allowed
UPDATE event_store SET payload = '{"a": 1}' WHERE event_id = '0ASSERT0000000000000000001';

-- handrail:raises append-only; UPDATE/DELETE not allowed
DELETE FROM event_store WHERE event_id = '0ASSERT0000000000000000001';

-- handrail:raises append-only; REPLACE not allowed
INSERT OR REPLACE INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 1, '0ASSERT0000000000000000001', 'Replaced', '{}');
