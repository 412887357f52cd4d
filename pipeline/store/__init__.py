"""The store: PostgreSQL tables, their migrations, and the queries over them."""
