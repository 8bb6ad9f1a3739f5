-- BEFORE: the refusal comes before OR REPLACE could resolve a collision by deleting another event.
CREATE TRIGGER tr_event_store_no_update
BEFORE UPDATE ON event_store
BEGIN
    SELECT RAISE(ABORT, 'event_store is append-only; UPDATE/DELETE not allowed');
END;

CREATE TRIGGER tr_event_store_no_delete
BEFORE DELETE ON event_store
BEGIN
    SELECT RAISE(ABORT, 'event_store is append-only; UPDATE/DELETE not allowed');
END;

-- INSERT OR REPLACE and REPLACE INTO delete the events that they collide with, and while recursive_triggers is off, the
-- default, no delete trigger fires. A trigger cannot ask which conflict policy its statement has, but the statements
-- in its body inherit an explicit one. So on a collision the body inserts the events already there once more with OR
-- IGNORE: only under REPLACE does that change anything, and then RAISE undoes the whole statement. An ordinary
-- duplicate still gets the error of its own constraint, and OR IGNORE and ON CONFLICT DO NOTHING still skip the row.
--
-- NOT EXISTS lets an exact copy of an event pass: it changes nothing, and it ends the recursion of the body while
-- recursive_triggers is on. There REPLACE is refused by tr_event_store_no_delete, in the words of that trigger.
-- A collision under an explicit OR ABORT, OR FAIL or OR ROLLBACK is reported on global_seq, whichever key collides.
CREATE TRIGGER tr_event_store_no_replace
BEFORE INSERT ON event_store
WHEN (
    EXISTS (SELECT 1 FROM event_store WHERE global_seq = NEW.global_seq)
    OR EXISTS (SELECT 1 FROM event_store WHERE event_id = NEW.event_id)
    OR EXISTS (SELECT 1 FROM event_store WHERE stream_id = NEW.stream_id AND version = NEW.version)
)
AND NOT EXISTS (
    SELECT 1
    FROM event_store
    WHERE global_seq = NEW.global_seq
        AND (stream_id, stream_type, version, event_id, event_type, recorded_at, payload, metadata) IS (
            NEW.stream_id, NEW.stream_type, NEW.version, NEW.event_id,
            NEW.event_type, NEW.recorded_at, NEW.payload, NEW.metadata
        )
)
BEGIN
    INSERT OR IGNORE INTO event_store (
        global_seq, stream_id, stream_type, version, event_id, event_type, recorded_at, payload, metadata
    )
    SELECT
        global_seq, stream_id, stream_type, version, event_id, event_type, recorded_at, payload, metadata
    FROM event_store
    WHERE global_seq = NEW.global_seq
        OR event_id = NEW.event_id
        OR (stream_id = NEW.stream_id AND version = NEW.version);
    SELECT RAISE(ABORT, 'event_store is append-only; REPLACE not allowed') WHERE changes() > 0;
END;
