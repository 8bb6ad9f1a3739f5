-- Types of their own: enums, domains, composites, ranges. Row types of tables,
-- array types and the multirange of a range follow from what they belong to.
SELECT
  CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range'
                 WHEN 'c' THEN 'composite type' WHEN 'p' THEN 'shell type' ELSE 'base type' END AS kind,
  '' AS parent,
  format('%I.%I', n.nspname, t.typname) AS name,
  jsonb_build_object(
    '.id', 0,
    'labels', (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
    'type', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
    'null', CASE WHEN t.typtype = 'd' AND t.typnotnull THEN 'no' END,
    'default', CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) END,
    'collation', CASE WHEN t.typtype = 'd' AND t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)
        THEN t.typcollation::regcollation::text END,
    'checks', (SELECT string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) || coalesce(' -- ' || obj_description(k.oid, 'pg_constraint'), ''), E'\n' ORDER BY k.conname)
                 FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
    'attributes', (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                          || CASE WHEN a.attcollation <> at.typcollation THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END
                          || coalesce(' -- ' || col_description(a.attrelid, a.attnum), ''),
                          E'\n' ORDER BY a.attnum)
                     FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                    WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
    'range', (SELECT concat_ws(', ', 'subtype ' || format_type(r.rngsubtype, NULL),
                        'operator class ' || (SELECT format('%I.%I', cn.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace cn ON cn.oid = o.opcnamespace WHERE o.oid = r.rngsubopc),
                        'collation ' || nullif(r.rngcollation, 0)::regcollation::text,
                        'canonical ' || nullif(r.rngcanonical::oid, 0)::regproc::text,
                        'difference ' || nullif(r.rngsubdiff::oid, 0)::regproc::text,
                        'multirange ' || format_type(r.rngmultitypid, NULL))
                FROM pg_range r WHERE r.rngtypid = t.oid),
    -- In the words of CREATE TYPE, which makes just that of it.
    'base', CASE WHEN t.typtype = 'b' THEN concat_ws(', ', 'INPUT = ' || t.typinput::text, 'OUTPUT = ' || t.typoutput::text,
                'RECEIVE = ' || nullif(t.typreceive::oid, 0)::regproc::text, 'SEND = ' || nullif(t.typsend::oid, 0)::regproc::text,
                'TYPMOD_IN = ' || nullif(t.typmodin::oid, 0)::regproc::text, 'TYPMOD_OUT = ' || nullif(t.typmodout::oid, 0)::regproc::text,
                'ANALYZE = ' || nullif(t.typanalyze::oid, 0)::regproc::text, 'SUBSCRIPT = ' || nullif(t.typsubscript::oid, 0)::regproc::text,
                'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::text END, CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
                'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
                'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
                'CATEGORY = ' || quote_literal(t.typcategory::text), CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
                'DEFAULT = ' || quote_literal(t.typdefault), 'ELEMENT = ' || CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END,
                'DELIMITER = ' || quote_literal(nullif(t.typdelim::text, ',')), CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END) END,
    'comment', obj_description(t.oid, 'pg_type')
  ) AS props,
  'type' AS of, t.oid
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.oid IN (SELECT oid FROM scope) /* only types: t.oid */
  AND (t.typtype IN ('e', 'd', 'r', 'p')
    OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
    OR t.typtype = 'b' AND t.typelem = 0 OR t.typtype = 'b' AND t.typelem <> 0
       AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
