"""Who decides and who speaks: the router, preference summaries, the stylist's reply."""
