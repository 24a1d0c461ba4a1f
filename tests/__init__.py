"""The tests: behaviour through the dispatcher or real HTTP, on real databases."""

import os
import tempfile

# The bundled PostgreSQL keeps its socket there, and warns where nobody says so.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
