"""Where proctoring touches the world outside its rules."""
