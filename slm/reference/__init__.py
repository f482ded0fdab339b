"""Generated organisations with planted facts: raw events a real system would have written, and the truth about them."""
