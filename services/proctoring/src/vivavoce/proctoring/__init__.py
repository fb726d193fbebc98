"""Face tracks in; integrity events and a risk band out."""
