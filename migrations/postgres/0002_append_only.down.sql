DROP TRIGGER tr_event_store_no_truncate ON event_store;
DROP TRIGGER tr_event_store_append_only ON event_store;
DROP FUNCTION event_store_forbid_mod();
