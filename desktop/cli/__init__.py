"""The command line, one module for each group of commands.

Nothing heavy is imported before a command runs: neither Qt nor the database, so that ``--help`` is immediate.
"""
