-- What each process of tocsin may do in the store, and nothing else. Run it as the owner of the tables (who may make roles),
-- after `tocsin store migrate`, and again after each upgrade; it may be run at any time:
--
--     psql "$STORE_URL" -f deploy/roles/store.sql
--
-- The roles can't log in. Make a user for each process and give it its role:
--
--     CREATE USER relay_1 PASSWORD '…' IN ROLE tocsin_relay;
--
-- `tocsin store migrate`, `backup` and `restore` are the owner's. A table that is not named here is the owner's alone.

DO $$
DECLARE role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tocsin_connectors', 'tocsin_stories', 'tocsin_pipeline', 'tocsin_relay', 'tocsin_sinks', 'tocsin_reader', 'tocsin_web'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        END IF;
    END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tocsin_connectors, tocsin_stories, tocsin_pipeline, tocsin_relay, tocsin_sinks, tocsin_reader, tocsin_web;

-- connectors: the feeds and what was seen in them
GRANT SELECT, INSERT, UPDATE, DELETE ON feeds, feed_seen, subscriptions TO tocsin_connectors;

-- pipeline: articles to alerts; it puts into the outbox, and takes nothing out of it
GRANT SELECT, INSERT, UPDATE, DELETE ON articles, attempts, written, findings, incidents, incident_stories, alerts,
    alert_topics, partition_owner, watch_matches, watch_pending, watch_sent, jobs TO tocsin_pipeline;
GRANT SELECT ON snapshots, changes TO tocsin_pipeline;
GRANT INSERT ON outbox TO tocsin_pipeline;
GRANT SELECT, INSERT, UPDATE ON incident_changes TO tocsin_pipeline;
GRANT SELECT, INSERT ON alert_revisions TO tocsin_pipeline;
GRANT USAGE ON SEQUENCE story_numbers TO tocsin_pipeline;

-- stories are partitioned by day, and the pipeline makes and drops the partitions: only an owner may
GRANT CREATE ON SCHEMA public TO tocsin_stories;
GRANT tocsin_stories TO CURRENT_USER;
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT 'story_links'::regclass UNION ALL SELECT 'story_keys'::regclass
        UNION ALL SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent IN ('story_links'::regclass, 'story_keys'::regclass) LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO tocsin_stories', part);
    END LOOP;
END $$;
GRANT tocsin_stories TO tocsin_pipeline;

-- relay: publishes the outbox, and deletes what is older than store.keep_days
GRANT SELECT, UPDATE, DELETE ON outbox TO tocsin_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON relay_batches TO tocsin_relay;
GRANT SELECT ON store, incident_stories TO tocsin_relay;
GRANT SELECT, DELETE ON incidents, alerts, findings, articles, written, attempts TO tocsin_relay;

-- sinks: what they have delivered, and what waits for their receivers
GRANT SELECT, INSERT, UPDATE, DELETE ON sink_alerts, sink_notes, sink_states TO tocsin_sinks;
GRANT USAGE ON SEQUENCE sink_held_numbers TO tocsin_sinks;

-- `tocsin explain`, dashboards: look, and touch nothing
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tocsin_reader;

-- the screen: look at everything; marks, watch rules, and pausing a feed are written
GRANT tocsin_reader TO tocsin_web;
GRANT INSERT ON marks, snapshots, watch_matches TO tocsin_web;
GRANT UPDATE (paused_at, next_poll_at) ON feeds TO tocsin_web;
