"""The entries of the ledger, by what differs."""
