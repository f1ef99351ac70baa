"""`python -m conjure`."""

from conjure.cli import main

if __name__ == "__main__":
    main()
