"""The program: command line, web application, worker, settings, and the local database."""
