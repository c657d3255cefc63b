"""How other languages write dates. Django finds `<language>/formats.py` here by FORMAT_MODULE_PATH."""
