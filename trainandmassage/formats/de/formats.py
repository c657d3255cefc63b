"""German dates. Templates write a date as English does; here stands what German makes of each pattern.

The same way as with sentences: the English pattern is the key, so a template needs no name for it. Django looks
a pattern up as a name of this module, and takes it as it is where there is none. A test finds missing ones.
"""

PATTERNS = {
    "j M": "j. M",
    "j F": "j. F",
    "j M Y": "j. M Y",
    "j F Y": "j. F Y",
    "M Y": "M Y",
    "j M, H:i": "j. M, H:i",
    "j F, H:i": "j. F, H:i",
    "j M Y, H:i": "j. M Y, H:i",
    "D j M": "D, j. M",
    "l j F": "l, j. F",
    "l j F Y": "l, j. F Y",
    "D j M, H:i": "D, j. M, H:i",
    "l j F, H:i": "l, j. F, H:i",
    "H:i": "H:i",
    "D j F": "D, j. F",
    "D": "D",
    "l": "l",
    "j": "j.",
}
globals().update(PATTERNS)
