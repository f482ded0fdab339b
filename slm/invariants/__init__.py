"""What must hold over stored facts at every instant, whatever was killed, repeated or imported: `slm check`."""
