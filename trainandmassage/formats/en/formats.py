"""English dates where no template names a pattern, as in the lists of the workplace: written as everywhere else."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
