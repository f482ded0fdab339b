"""`python -m slm`, the same as the command `slm`."""

from slm.cli import main

if __name__ == "__main__":
    main()
