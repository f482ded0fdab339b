"""What an organisation has agreed and whom it consists of, as files that people write.

Each module declares the files of one context: their columns, what identifies a row, how rows are read from the database
to be compared, and through which commands they are written. `registry` lists them in the order they are written in.
"""
