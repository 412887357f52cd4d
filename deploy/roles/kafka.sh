#!/bin/sh
# What each process of tocsin, and each subscriber, may do in Kafka, and nothing else: ACLs for a broker with an authorizer
# (StandardAuthorizer, allow.everyone.if.no.acl.found=false). Call with what reaches your broker as its administrator:
#
#     ACLS="kafka-acls.sh --bootstrap-server broker:9093 --command-config admin.properties" sh deploy/roles/kafka.sh
#
# Principals are those of the certificates' or passwords' users. Watch rules' topics: tocsin.alerts.watch.RULE.
set -eu
acls() { $ACLS --add "$@"; }

# connectors: publish articles and the feeds' health
acls --allow-principal User:tocsin-connectors --operation write --operation describe --topic tocsin.articles
acls --allow-principal User:tocsin-connectors --operation write --operation describe --topic tocsin.health

# pipeline: read articles, remember the position
acls --allow-principal User:tocsin-pipeline --operation read --operation describe --topic tocsin.articles
acls --allow-principal User:tocsin-pipeline --operation read --group tocsin-pipeline

# relay: the only one that publishes alerts and rejects, in its own transaction; makes the topics of watch rules
acls --allow-principal User:tocsin-relay --operation write --operation describe --topic tocsin.alerts --resource-pattern-type prefixed
acls --allow-principal User:tocsin-relay --operation create --topic tocsin.alerts.watch. --resource-pattern-type prefixed
acls --allow-principal User:tocsin-relay --operation write --operation describe --topic tocsin.rejects
acls --allow-principal User:tocsin-relay --operation write --operation read --operation describe --topic tocsin.relay
acls --allow-principal User:tocsin-relay --operation write --operation describe --transactional-id tocsin-relay

# sinks: read alerts, each sink in a group of its own; what a receiver refuses for good goes to the rejects
acls --allow-principal User:tocsin-sinks --operation read --operation describe --topic tocsin.alerts --resource-pattern-type prefixed
acls --allow-principal User:tocsin-sinks --operation read --group tocsin-sink- --resource-pattern-type prefixed
acls --allow-principal User:tocsin-sinks --operation write --operation read --operation describe --topic tocsin.rejects

# the screen: lag, rejects, and their way back
acls --allow-principal User:tocsin-web --operation write --operation describe --topic tocsin.articles
acls --allow-principal User:tocsin-web --operation read --operation describe --topic tocsin.rejects
acls --allow-principal User:tocsin-web --operation describe --group tocsin-pipeline

# a subscriber: read alerts in its own group
acls --allow-principal User:soc --operation read --operation describe --topic tocsin.alerts --resource-pattern-type prefixed
acls --allow-principal User:soc --operation read --group soc --resource-pattern-type prefixed

# the operator: topics create, rejects replay, backup and restore
acls --allow-principal User:tocsin-operator --operation all --topic tocsin. --resource-pattern-type prefixed
acls --allow-principal User:tocsin-operator --operation all --group tocsin- --resource-pattern-type prefixed
acls --allow-principal User:tocsin-operator --operation describe --operation read --group '*'
acls --allow-principal User:tocsin-operator --operation write --operation describe --transactional-id tocsin-relay
