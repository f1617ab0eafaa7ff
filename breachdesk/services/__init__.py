"""What the desk does: one public function, one transaction."""
