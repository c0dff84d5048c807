"""Who logs: services do, as JSON lines on standard error; what answers a person says all that it has to say itself."""

import logging
import sys

import structlog

_NOWHERE = logging.NullHandler()


def log_to_stderr() -> None:
    """Point structlog at standard error as it is now; from level info on. Libraries warn there too."""
    logging.getLogger().removeHandler(_NOWHERE)
    _configure(logging.INFO)


def log_nothing() -> None:
    """Keep log lines off a person's terminal, those of libraries too: the result of a command has its own words."""
    logging.getLogger().addHandler(_NOWHERE)
    _configure(logging.CRITICAL)


def _configure(level: int) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
