"""What files that people write are read by: their encoding, and which words of YAML stand for nothing."""

import codecs

NO_VALUE = ("", "~", "null", "Null", "NULL")
"""Plain words of YAML that say that there is no value."""


class NotText(Exception):
    """The content is no text, from `line` on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with it, as spreadsheets write. Nothing is guessed."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise NotText(line, "this is not UTF-8: save the file with the encoding UTF-8") from None
    if "\0" in text:
        raise NotText(text[: text.index("\0")].count("\n") + 1, "expected text without NUL characters")
    return text
