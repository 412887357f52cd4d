"""What runs beside the stream: the clock of alerts, jobs that people ask for, replays, back-tests, merges and corrections."""
