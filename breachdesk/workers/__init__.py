"""What runs without being asked: reminders that fall due, mail that waits."""
