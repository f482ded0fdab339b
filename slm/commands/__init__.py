"""What each command of `slm` does; imported only when it is called, so that `slm --help` is quick."""
