"""The published table of operations says what every operation really asks for and answers."""

from tests.support.operations_table import PAGE, page


async def test_every_operation_is_in_the_table_as_it_answers() -> None:
    assert PAGE.read_text(encoding="utf-8") == await page(), "python -m tests.support.operations_table"
