"""What an incident and an alert are: which reports belong together, what the alert says, where it goes. Pure: no store, no broker."""
