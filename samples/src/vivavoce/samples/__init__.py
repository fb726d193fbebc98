"""Makes the demo's interview recordings by program: a spoken, moving portrait."""
