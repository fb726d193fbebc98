"""What tells who somebody is does not reach the judge."""

from vivavoce.evaluation.masking import mask, neutral, plain


def test_terms_are_removed_in_any_case_as_whole_words() -> None:
    assert mask("I, Ada, wrote ADA's adapter.", ["Ada"]) == "I,, wrote adapter."


def test_a_longer_term_goes_before_its_part() -> None:
    assert mask("I studied at Example University.", ["Example", "Example University"]) == "I studied at."


def test_terms_are_found_as_a_recognizer_without_special_letters_writes_them() -> None:
    assert mask("My name is Gokce Isik.", ["Gökçe", "Işık"]) == "My name is."


def test_blank_terms_mask_nothing() -> None:
    assert mask("Nothing to hide.", ["", "  "]) == "Nothing to hide."


def test_a_term_with_special_signs_is_taken_literally() -> None:
    assert mask("I know C++ and a.b at work", ["a.b", "C++"]) == "I know and at work"


def test_gender_makes_no_difference() -> None:
    assert neutral("I told him that his mother waits.") == neutral("I told her that her father waits.")


def test_names_inside_a_sentence_make_no_difference() -> None:
    assert neutral("I asked Emily about it.") == neutral("I asked Lakisha about it.")


def test_names_that_the_question_uses_stay() -> None:
    assert "Kafka" in neutral("I used Kafka there.", frozenset({"kafka"}))


def test_i_is_no_name() -> None:
    assert neutral("Then I said that I'm late.") == "Then I said that I'm late."


def test_accent_and_region_make_no_difference() -> None:
    assert plain("Dis ting, I reckon it's gonna work, innit.") == "This thing, I think it's going to work,."
