"""The JSON API under /api/v1: thin translations between HTTP and the services."""
