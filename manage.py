#!/usr/bin/env python
"""Django's commands. `python3 practice.py` sets up and starts everything; this is for the rest."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trainandmassage.settings")
    execute_from_command_line(sys.argv)
