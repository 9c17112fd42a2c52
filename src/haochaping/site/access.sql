-- What the application's role may do. Run by `hcp migrate` as the owner after every migration; safe to run again.
-- {app} is the role in DATABASE_URL. Facts are append-only for it; the back-office reads as hcp_office, behind row-level security.
GRANT USAGE ON SCHEMA public TO {app}, hcp_office;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {app};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO hcp_office;
REVOKE UPDATE, DELETE, TRUNCATE ON records_key, records_record, records_amendment, evaluations_evaluation, evaluations_followup, feed_batch, audit_entry, orders_step,
  evaluations_replacement, evaluations_setaside, evaluations_restored
  FROM {app};
-- leaves are cut only by who recovers a log, as the owner; an opening is destroyed, never changed
REVOKE UPDATE, TRUNCATE ON ledger_entry, proofs_opening FROM {app};
REVOKE DELETE ON ledger_entry FROM {app};
REVOKE EXECUTE ON FUNCTION hcp_make_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hcp_make_month(date) TO {app};
REVOKE EXECUTE ON FUNCTION hcp_erase_rating(bigint), hcp_erase_applicant(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hcp_erase_rating(bigint), hcp_erase_applicant(bigint) TO {app};
-- what no page of the back-office reads within its scope: secrets, hashes, sessions
REVOKE ALL ON identity_nonce, identity_apikey, identity_user, identity_session, identity_recoverycode, django_session, invitations_link, invitations_phonecheck, devices_device, devices_pairing,
  exchange_outgoing, exchange_incoming, exchange_partner, exchange_received, upstream_source, exports_part, sandbox_system, sandbox_key, sandbox_kept, sandbox_call, evaluations_trace, proofs_opening FROM hcp_office;
GRANT SELECT (id, username, first_name, is_active, last_login, must_change, totp_since) ON identity_user TO hcp_office;
GRANT SELECT (id, user_id, began_at, seen_at, ended_at, address, browser, factors) ON identity_session TO hcp_office;
GRANT SELECT (id, user_id, used_at) ON identity_recoverycode TO hcp_office;
GRANT SELECT (id, client_id, kid, algorithm, revoked_at) ON identity_apikey TO hcp_office;
GRANT SELECT (id, kid, kind, window_id, region, paired_at, disabled_at) ON devices_device TO hcp_office;
GRANT SELECT (id, token_hash, record_id, channel, device_id, issued_at, expires_at, finished_at) ON invitations_link TO hcp_office;
GRANT SELECT (id, hotline_id, seq, step_id, made_at, tries, due_at, heard_at, answer) ON exchange_outgoing TO hcp_office;
GRANT SELECT (id, hotline_id, seq, at, outcome, done_at) ON exchange_incoming TO hcp_office;
GRANT SELECT (id, name, dialect, region, departments, url, ways, client_id, words, personal, batch, pace, connected_at, changed_by, acknowledged, stopped_at, ended_at, failures, failing_since, due_at, heard_at, answer)
  ON exchange_partner TO hcp_office;
GRANT SELECT (id, partner_id, message, family, body, at, outcome, reason, record, kind, done_at, done_by, corrected, day) ON exchange_received TO hcp_office;
GRANT SELECT (id, name, kind, region, url, fields, complete, changed_by, stopped_at, read_at, size, wrong, failing_since, answer) ON upstream_source TO hcp_office;

-- What changes a row that never changes is counted at once and not ten seconds later, for the watch looks at the count (proofs/tasks.py).
CREATE OR REPLACE FUNCTION hcp_count_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_stat_force_next_flush();
  RETURN NULL;
END $$;

DO $$
DECLARE scoped text;
BEGIN
  -- months are read through their whole, where the policies are
  FOR scoped IN SELECT oid::regclass::text FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('REVOKE ALL ON %s FROM hcp_office', scoped);
  END LOOP;
  FOREACH scoped IN ARRAY ARRAY['records_record', 'records_amendment', 'evaluations_evaluation', 'evaluations_followup', 'evaluations_replacement', 'evaluations_setaside', 'evaluations_restored', 'orders_order', 'orders_track', 'screening_hold', 'detection_finding', 'audit_entry',
                                'insight_map', 'reports_subscription', 'reports_report', 'problems_text', 'problems_problem', 'problems_campaign', 'analytics_cityday', 'analytics_citymonth', 'analytics_hourcity', 'analytics_departmentwhole', 'analytics_windowwhole', 'analytics_itemwhole', 'analytics_codecity', 'analytics_loopmonth', 'analytics_loopcity', 'analytics_lengthcity', 'analytics_placeday', 'analytics_placemonth', 'analytics_hourday', 'analytics_departmentday', 'analytics_departmentmonth', 'analytics_windowday', 'analytics_windowmonth', 'analytics_staffmonth', 'analytics_itemday', 'analytics_itemmonth', 'analytics_codeday', 'analytics_codemonth', 'analytics_codewindow', 'analytics_register', 'analytics_loopday', 'analytics_looplength', 'directory_department', 'directory_hall', 'directory_hourschange', 'directory_closing', 'upstream_source', 'upstream_change', 'notifications_message',
                                'invitations_code', 'devices_device', 'callbacks_call', 'exchange_partner', 'calls_call', 'calls_hour', 'privacy_request', 'rosters_shift'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', scoped);
    EXECUTE format('DROP POLICY IF EXISTS all_of_it ON %I', scoped);
    EXECUTE format('DROP POLICY IF EXISTS within_scope ON %I', scoped);
    EXECUTE format('CREATE POLICY all_of_it ON %I TO %s USING (true) WITH CHECK (true)', scoped, '{app}');
    -- The planner cannot know what the settings will be: of a plain BETWEEN it thinks that it leaves one row in two hundred, and chooses plans for
    -- that; of a CASE, one in two. Statements name their own range besides, and find their index by it.
    EXECUTE format('CREATE POLICY within_scope ON %I FOR SELECT TO hcp_office USING (CASE WHEN region BETWEEN '
                   '(SELECT current_setting(''app.low'')::bigint) AND (SELECT current_setting(''app.high'')::bigint) THEN true ELSE false END)', scoped);
  END LOOP;
  -- what was imported is seen where all of it lies
  FOREACH scoped IN ARRAY ARRAY['rosters_taken', 'directory_import'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', scoped);
    EXECUTE format('DROP POLICY IF EXISTS all_of_it ON %I', scoped);
    EXECUTE format('DROP POLICY IF EXISTS within_scope ON %I', scoped);
    EXECUTE format('CREATE POLICY all_of_it ON %I TO %s USING (true) WITH CHECK (true)', scoped, '{app}');
    EXECUTE format('CREATE POLICY within_scope ON %I FOR SELECT TO hcp_office USING (low >= (SELECT current_setting(''app.low'')::bigint) '
                   'AND high <= (SELECT current_setting(''app.high'')::bigint))', scoped);
  END LOOP;
  -- files and steps are seen where their order is
  FOREACH scoped IN ARRAY ARRAY['attachments_attachment', 'orders_step'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', scoped);
    EXECUTE format('DROP POLICY IF EXISTS all_of_it ON %I', scoped);
    EXECUTE format('DROP POLICY IF EXISTS within_scope ON %I', scoped);
    EXECUTE format('CREATE POLICY all_of_it ON %I TO %s USING (true) WITH CHECK (true)', scoped, '{app}');
    EXECUTE format('CREATE POLICY within_scope ON %I FOR SELECT TO hcp_office USING (EXISTS (SELECT 1 FROM orders_order '
                   'WHERE orders_order.id = %I.order_id))', scoped, scoped);
  END LOOP;
  -- and what is exchanged with a partner, where the partner is
  FOREACH scoped IN ARRAY ARRAY['exchange_delivery', 'exchange_reconciled', 'exchange_difference', 'exchange_received'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', scoped);
    EXECUTE format('DROP POLICY IF EXISTS all_of_it ON %I', scoped);
    EXECUTE format('DROP POLICY IF EXISTS within_scope ON %I', scoped);
    EXECUTE format('CREATE POLICY all_of_it ON %I TO %s USING (true) WITH CHECK (true)', scoped, '{app}');
    EXECUTE format('CREATE POLICY within_scope ON %I FOR SELECT TO hcp_office USING (EXISTS (SELECT 1 FROM exchange_partner '
                   'WHERE exchange_partner.id = %I.partner_id))', scoped, scoped);
  END LOOP;
  -- by row, so that whoever names a month's partition is counted too; Citus takes no such trigger, and there the count comes within ten seconds
  FOREACH scoped IN ARRAY CASE WHEN EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN '{}'::text[] ELSE ARRAY['evaluations_evaluation', 'evaluations_followup', 'evaluations_replacement', 'evaluations_setaside', 'evaluations_restored', 'ledger_entry', 'proofs_opening', 'proofs_day', 'proofs_restatement'] END LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER count_at_once AFTER UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION hcp_count_at_once()', scoped);
  END LOOP;
END $$;
