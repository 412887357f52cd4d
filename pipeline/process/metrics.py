"""Every metric there is, in one list. Names begin with `tocsin_`, units stand last, times are in seconds.

Counts add up: what `messages_read` counts, `articles` counts again by outcome, once its outcome is committed (what a crash
makes repeat is counted again on both sides, and shows as `repeat`); what a poll finds in a document, `entries` counts by
what became of it. `tests/integration/test_metrics.py` holds them to it. Labels have few values: nothing a feed writes ever becomes one; a feed's own name is the operator's.
"""

from prometheus_client import Counter, Gauge, Histogram, Info

LATENCY_S = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400)
"""Upper bounds of the buckets from "at once" to "a day old"."""
STEP_S = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

BUILD = Info("tocsin_build", "Version of the code that runs.")

# fetch: connectors/sources
POLLS = Counter("tocsin_polls", "Polls of feeds.", ["outcome"])  # ok, not-modified, failed
POLL_FAILURES = Counter("tocsin_poll_failures", "Failed polls by reason.", ["reason"])
ENTRIES = Counter(
    "tocsin_entries",
    "Entries of polled documents by what became of them: article, or why one was skipped.",
    ["outcome"],
)
FEEDS = Gauge("tocsin_feeds", "Feeds by state.", ["state"])  # ok, failing, silent, new, paused
PUBLISH_S = Histogram("tocsin_publish_seconds", "Until Kafka had acknowledged a poll's articles.", buckets=STEP_S)

# read, dedupe, extract, score, write: pipeline
MESSAGES_READ = Counter("tocsin_messages_read", "Messages read from the articles' topic.", ["kind"])  # article, reject
LAG = Gauge("tocsin_lag_messages", "Messages of a partition that are not committed yet.", ["partition"])
LINKED = Counter(
    "tocsin_articles_linked", "Articles by verdict, or known: written before, so read again for nothing.", ["verdict"]
)  # new, exact, near, revision, known
ARTICLES = Counter(
    "tocsin_articles", "Articles by outcome, once committed.", ["outcome"]
)  # alert, quiet, reject, repeat
FEED_ARTICLES = Counter(
    "tocsin_feed_articles", "Articles by feed and whether they are worth an alert, once committed.", ["feed", "outcome"]
)  # alert, quiet
LINE_ELEMENTS = Counter(
    "tocsin_line_elements", "Elements of the lines of new alerts by whether they are stated.", ["element", "outcome"]
)  # element: what, by, against, where, when, counts; outcome: stated, unsure (read, and left out), none
STEP = Histogram("tocsin_step_seconds", "Work on one batch in one step.", ["step"], buckets=STEP_S)
REVISIONS = Counter("tocsin_alert_revisions", "Alert revisions written.", ["severity", "change"])
AGE_S = Histogram(
    "tocsin_alert_age_seconds",
    "From an article being published (as it claims) or fetched to its alert's revision being committed.",
    ["since"],
    buckets=LATENCY_S,
)

# relay
RELAY_ACTIVE = Gauge("tocsin_relay_active", "1 in the relay that publishes, 0 in one that waits its turn.")
RELAYED = Counter("tocsin_relayed_messages", "Messages published in committed transactions.", ["topic"])
OUTBOX = Gauge("tocsin_outbox_waiting", "Rows that wait to be published.")
OUTBOX_S = Histogram("tocsin_outbox_seconds", "A batch from numbered to marked done.", buckets=STEP_S)

# sinks: connectors/sinks
DELIVERED = Counter("tocsin_sink_alerts", "Alert revisions by sink and what became of them.", ["sink", "outcome"])
DELIVERY_S = Histogram("tocsin_sink_seconds", "Delivery of one batch.", ["sink"], buckets=STEP_S)

# the screen: connectors/web
REQUESTS_S = Histogram(
    "tocsin_web_request_seconds", "Requests of the screen by what was asked for.", ["page", "status"], buckets=STEP_S
)  # page: the route, not the address; status: 200, 303, 404, …
PAGES_OPEN = Gauge("tocsin_web_pages_open", "Lists of alerts that are open in a browser and hear of news.")
