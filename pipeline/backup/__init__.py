"""Backup and restore: the store together with what of Kafka can't be had again.

What belongs together. The store says which articles are done and which revisions exist; Kafka holds articles that were acknowledged
and are not done, and alerts and rejects that not everybody has read. Neither restored alone is right: an older store needs the
articles since then again, and an empty Kafka leaves a hole between "seen in its feed" and "written". So a backup is

    positions   where the pipeline, and every reader of alerts, stands in Kafka; taken first
    store       one snapshot of PostgreSQL (`pg_dump`)
    messages    articles from the pipeline's position on, alerts from the slowest reader's position on, all rejects; taken last

In this order every article whose feed state is in the snapshot is either written in it or among the messages, and every alert
revision in it is either on the topic, or waiting in the outbox, or both: `storeside` tells which.
"""
