"""What the containers need: secrets, access to MongoDB, configuration and health checks."""
