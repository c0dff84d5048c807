"""How services and commands log: JSON lines on standard error, which leaves standard output to data."""

import logging
import sys

import structlog


def log_to_stderr() -> None:
    """Point structlog at standard error as it is now; from level info on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
