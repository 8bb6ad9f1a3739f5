-- A stream that somebody has entered by hand, before its first event: the fill leaves it alone, and so does its down.
INSERT INTO stream_index (kind, key, stream_id, version) VALUES ('invoice', 'invoice-7', '01HQSEED000000000000000099', 0);
