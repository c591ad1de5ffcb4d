"""What is known of a station, by what it is about: remembered, not judged."""
