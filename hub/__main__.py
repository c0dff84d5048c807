"""Where the command liaison-hub begins; apart from `cli`, as worker processes import this file too."""

from collections.abc import Callable

from wire.quick_start import run_command


def main() -> None:
    """Run liaison-hub with the words of the command line."""
    run_command(_command)


def _command() -> Callable[[], None]:
    from hub.cli import main as command  # noqa: PLC0415 - imported while garbage collection rests

    return command


if __name__ == "__main__":
    main()
