-- The triggers keep the function that search_path finds now, and its body looks nothing up. search_path is pinned so
-- that a later session with another one cannot change what it does, whatever the body may come to hold.
CREATE FUNCTION event_store_forbid_mod() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'event_store is append-only; % not allowed', TG_OP
        USING ERRCODE = '0A000';
END;
$$;

-- For each row: an upsert, a MERGE or a cascading foreign key passes here too.
CREATE TRIGGER tr_event_store_append_only
    BEFORE UPDATE OR DELETE ON event_store
    FOR EACH ROW EXECUTE FUNCTION event_store_forbid_mod();

-- TRUNCATE fires no row trigger.
CREATE TRIGGER tr_event_store_no_truncate
    BEFORE TRUNCATE ON event_store
    FOR EACH STATEMENT EXECUTE FUNCTION event_store_forbid_mod();

-- ALWAYS: ordinary triggers do not fire while session_replication_role is replica, as in a replication worker.
ALTER TABLE event_store ENABLE ALWAYS TRIGGER tr_event_store_append_only;
ALTER TABLE event_store ENABLE ALWAYS TRIGGER tr_event_store_no_truncate;
