"""The command line `hcp`.

Errors say in both languages what to do; nothing here prints a traceback for what a person can mend.
Commands import what they need when they run: settings are read on import, and models only work once
Django is set up.
"""

from haochaping.site.cli import accounts, keys, ledger, partners, start
from haochaping.site.cli.group import main
