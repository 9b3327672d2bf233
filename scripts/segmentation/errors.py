"""The one error a user is meant to read."""


class SegmentationError(Exception):
    """Something the user can mend: the message is a sentence that says what is wrong and how."""
