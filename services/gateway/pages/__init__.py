"""The pages: server-rendered, usable without JavaScript, alive with it. They know no rules."""
