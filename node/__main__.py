"""Where the command liaison-node begins; apart from `cli`, as worker processes import this file too."""

from collections.abc import Callable

from wire.quick_start import run_command


def main() -> None:
    """Run liaison-node with the words of the command line."""
    run_command(_command)


def _command() -> Callable[[], None]:
    from node.cli import main as command  # noqa: PLC0415 - imported while garbage collection rests

    return command


if __name__ == "__main__":
    main()
