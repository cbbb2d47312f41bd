"""The state machine that serves a turn."""

import os

# Checkpoints hold plain data only; langgraph reads this once, when it is first imported.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
