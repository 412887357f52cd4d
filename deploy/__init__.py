"""How tocsin is run: everything on one machine in `deploy.local`."""
