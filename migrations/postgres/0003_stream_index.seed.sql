-- Events that came in past the guards: a stream goes on, and another begins.
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, recorded_at, payload, metadata) VALUES
    ('cart-9',    'cart',    2, '01HQSEED000000000000000004', 'cart.emptied',  '2024-03-01T00:00:00.000000Z', '{"items": []}', NULL),
    ('account-名', 'account', 1, '01HQSEED000000000000000005', 'account.opened', '2024-03-01T00:00:00.000000Z', '{"limit": -0.5e3}', NULL);
