"""Where evaluation touches models, stores and brokers; beside each its deterministic twin."""
