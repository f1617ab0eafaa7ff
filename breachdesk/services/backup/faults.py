"""What stands in the way of a backup or its restoration: a sentence for who runs the desk."""


class BackupFault(Exception):
    """A whole sentence, in English like every command; nothing personal in it."""


class NotABackup(BackupFault):
    """The file is something else."""


class WrongPassphrase(BackupFault):
    """The passphrase does not open it."""


class DamagedBackup(BackupFault):
    """Something in it was altered, or its end is missing."""
