-- Events from before the log was guarded: two streams, with and without metadata.
INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, recorded_at, payload, metadata) VALUES
    ('order-1', 'order', 1, '01HQSEED000000000000000001', 'order.placed',  '2024-02-29T12:00:00.000001Z', '{"items": [{"sku": "a-1", "price": 12.50}], "note": "it''s \u00e9"}', '{"actor": "ada"}'),
    ('order-1', 'order', 2, '01HQSEED000000000000000002', 'order.shipped', '2024-02-29T23:59:59.999999Z', '{}', NULL),
    ('cart-9',  'cart',  1, '01HQSEED000000000000000003', 'cart.opened',   '1999-12-31T00:00:00.000000Z', '{"big": 12345678901234567890, "none": null}', '{}');
