"""Everything on one machine: embedded Kafka, embedded PostgreSQL, and the supervisor behind `tocsin up`."""
