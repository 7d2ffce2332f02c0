"""Tables as `auto` takes them: opened in batches, columns given roles, labels and features encoded."""
