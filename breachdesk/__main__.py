"""`python -m breachdesk`: the command line."""

from breachdesk.cli import main

if __name__ == "__main__":
    main(prog_name="breachdesk")
