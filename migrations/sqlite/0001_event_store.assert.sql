-- What the table refuses, with rows that nobody else has: all of it is rolled back.
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 1, '0ASSERT0000000000000000001', 'Asserted', '{}');

-- handrail:raises ck_event_store_event_id_26_char
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 2, '0ASSERT000000000000000002', 'Asserted', '{}');

-- handrail:raises ck_event_store_positive_version
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 0, '0ASSERT0000000000000000003', 'Asserted', '{}');

-- handrail:raises event_store\.event_id
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 2, '0ASSERT0000000000000000001', 'Asserted', '{}');

-- handrail:raises event_store\.stream_id, event_store\.version
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload)
VALUES ('assert-stream', 'Assert', 1, '0ASSERT0000000000000000004', 'Asserted', '{}');

SELECT event_id, recorded_at FROM event_store WHERE event_id = '0ASSERT0000000000000000001' AND recorded_at IS NULL;
