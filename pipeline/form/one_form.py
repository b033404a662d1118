"""The form layout: one item a row, its answer beside or below its label; several forms may stand below one another."""

from __future__ import annotations

from functools import partial
from typing import Final

from schemas.layout import HEAD_FIELDS, PASSED_FIELDS
from schemas.records import Note, RawCell, RawTally

from .answers import Form, count_answers, first_answer, item_number, lone_number, shown, text_answer
from .heads import is_broken_name, is_org_word, org_lines, round_in_text, study_at, study_cells
from .labels import Label, is_part
from .near import near_labels
from .one_head import NAMES, captions_of, tally_of
from .sheet import Place, Sheet, a1, hidden_label
from .strays import stray_number

MIN_ITEMS: Final = 2  # that make a form
_MOTTO: Final = "đảng cộng sản việt nam"
_NOT_OF_THE_EXEMPT: Final = frozenset({"members", "attendees", "guests"})


def forms_on(sheet: Sheet) -> list[tuple[int, int]]:
    """Return the rows (first, behind the last) of every form on a sheet, below one another."""
    kinds = sheet.index.kinds
    items = [(place, label) for place, label in sheet.labels.items() if label.field not in HEAD_FIELDS]
    if len({label.field for _, label in items}) < MIN_ITEMS:
        return []
    cuts, last = [0], 0
    for (start, _), label in items:
        if label.field == "members" and start > last:
            above = {known.field for (row, _), known in items if last <= row < start and kinds[known.field] == "count"}
            here = {known.field for (row, _), known in items if row >= start and kinds[known.field] == "count"}
            if "members" in above and len(above) >= MIN_ITEMS and len(here) >= MIN_ITEMS:
                head = _head_row(sheet, max(row for (row, _), _ in items if row < start) + 1, start)
                cuts += [] if head is None else [head]
                last = last if head is None else start
    return list(zip(cuts, [*cuts[1:], len(sheet.rows)], strict=True))


def _head_row(sheet: Sheet, first: int, start: int) -> int | None:
    """Return where the head of the form begins whose first item stands in row `start`, below a form that ends above.

    None where there is no head: then the item is rather a word of a free text. Such a text may have a line that
    begins with "Chi bộ …" as well, so surer signs go before that.
    """
    heads = []
    for row in range(first, start):
        texts = [text for _, text in sheet.texts(row)]
        lines = org_lines(sheet, row, row + 1)
        fields = {label.field for (r, _), label in sheet.labels.items() if r == row}
        if fields & {"unit_code", "parent_name"} or any(line.text.isupper() for line in lines):
            return row
        if any(sheet.index.phrases.is_signature(text) or _MOTTO in text.casefold() for text in texts):
            return row
        heads += [row] if lines else []
    top = heads[-1] if heads else None
    while top is not None and top - 1 in heads:
        top -= 1
    return top


def read_form(sheet: Sheet, first: int, end: int) -> RawTally | None:
    """Read the form that stands in rows first..end of a sheet; None where its labels turn out to be none."""
    form, head_end = form_of(sheet, first, end)
    if len({label.field for label in form.labels.values()} - HEAD_FIELDS) < MIN_ITEMS:
        return None
    cells, notes = answers_of(form)
    notes += near_labels(form, set(cells), first, end)
    lines = org_lines(sheet, first, head_end, captions_of(form))
    elsewhere = partial(round_in_text, sheet, first, head_end)
    study = study_at(sheet.rows, study_cells(sheet, first, head_end))
    return tally_of(sheet.grid, sheet.index.spec, cells, lines, elsewhere, study, tuple(notes))


def answers_of(form: Form) -> tuple[dict[str, RawCell], list[Note]]:
    """Return what answers each item and each label of the head, a blank one included, and what is doubtful."""
    cells: dict[str, RawCell] = {}
    notes: list[Note] = []
    blank: dict[str, Place] = {}
    for field, places in _by_field(form).items():
        cell, doubts = _answer(form, field, places)
        notes += doubts
        if cell is None:
            blank[field] = next(iter(places))
        else:
            cells[field] = cell
            if field not in HEAD_FIELDS and not cell.hidden:
                notes += hidden_label(form.sheet, field, next(iter(places)))
    column = _answer_column(form, cells)
    for field, (r, c) in blank.items():
        cells[field] = RawCell(None, a1(r, max(column, c)))
        if form.sheet.index.kinds[field] == "count":
            notes += stray_number(form, field, (r, c), cells[field].cell)
    return cells, notes


# --- which labels are the form's ---------------------------------------------------------------------


def form_of(sheet: Sheet, first: int, end: int) -> tuple[Form, int]:
    """Return the form and the row of its first item, its head standing above."""
    kinds = sheet.index.kinds
    places = {place: label for place, label in sheet.labels.items() if first <= place[0] < end}
    texts = [row for (row, _), label in places.items() if kinds[label.field] == "text"]
    is_signature = sheet.index.phrases.is_signature
    foot = end
    if texts:
        rows = range(texts[0] + 1, end)
        foot = next((row for row in rows if any(is_signature(text) for _, text in sheet.texts(row))), end)
    kept = _kept(sheet, places, foot)
    items = [place for place, label in kept.items() if label.field not in HEAD_FIELDS]
    counts = [row for row, c in items if kinds[kept[row, c].field] == "count"]
    head_end = min(counts or [row for row, _ in items], default=first)
    passed = {
        place[1]: None
        for place, label in kept.items()
        if label.field in PASSED_FIELDS and label.field != "caption" and place[0] < head_end and not label.inline
    }
    return Form(sheet, kept, foot, frozenset(passed) - {c for _, c in items}), head_end


def _kept(sheet: Sheet, places: dict[Place, Label], foot: int) -> dict[Place, Label]:
    """Leave out labels that are words of a free text, or count others than this form's members."""
    kinds = sheet.index.kinds
    kept: dict[Place, Label] = {}
    text: Place | None = None  # the free text below whose label a row stands
    for place, label in places.items():
        is_below_text = text is not None and place[0] > text[0]
        if (is_below_text or place[0] >= foot) and _is_prose(sheet, places, kept, place, text):
            continue
        if label.field in NAMES and _is_no_caption(sheet, place, label):
            continue
        if (label.is_generic or label.field.startswith("exempt_")) and _counts_others(sheet, kept, place, label):
            continue
        kept[place] = label
        if kinds[label.field] == "text":
            text = place
        elif is_below_text:
            text = None
    return kept


def _is_prose(
    sheet: Sheet, places: dict[Place, Label], kept: dict[Place, Label], place: Place, text: Place | None
) -> bool:
    """Whether words like a label's belong to the free text above them, or to the foot, rather than to an item."""
    label = places[place]
    if label.field in HEAD_FIELDS or any(label.field == known.field for known in kept.values()):
        return True
    is_count = sheet.index.kinds[label.field] == "count"
    if is_count and label.inline and sheet.index.phrases.number(label.inline) is None:
        return True
    number = item_number(sheet, place, label)
    if number:
        return text is not None and number <= item_number(sheet, text, places[text])
    later = [other for other, known in places.items() if known.field == label.field and other > place]
    return any(item_number(sheet, other, places[other]) for other in later)


def _is_no_caption(sheet: Sheet, place: Place, label: Label) -> bool:
    """Whether the word for an organisation is part of its name ("CHI BỘ: ẤP 3"), or the head of a table's column."""
    row = [known.field for (r, c), known in sheet.labels.items() if r == place[0] and c != place[1]]
    text = str(sheet.rows[place[0]][place[1]])
    return is_org_word(text) or is_broken_name(text) or (not label.inline and bool(PASSED_FIELDS & set(row)))


def _counts_others(sheet: Sheet, kept: dict[Place, Label], place: Place, label: Label) -> bool:
    """Whether a label that leaves open who is counted stands below a line about others, or about some only."""
    is_exempt = label.field.startswith("exempt_")
    if not is_exempt and label.field not in ("attendees", "reflections", "exemptions"):
        return False
    above, last = next(((p, kept[p]) for p in reversed(kept) if kept[p].field not in HEAD_FIELDS), (None, label))
    if above is not None:
        if is_exempt and last.field in _NOT_OF_THE_EXEMPT:
            return True
        is_heading = not last.inline and sheet.filled[above[0]][-1] == above[1]
        if last.field == "guests" and not last.is_part and (label.is_part or is_heading):
            return True
    phrases = sheet.index.phrases
    return any(
        not is_part(text) and (phrases.speaks_of_others(text) or phrases.leaves_some_out(text))
        for row in range(max(place[0] - 1, 0) if above is None else above[0] + 1, place[0])
        for _, text in sheet.texts(row)[:2]
    )


# --- their answers -----------------------------------------------------------------------------------


def _by_field(form: Form) -> dict[str, dict[Place, Label]]:
    fields: dict[str, dict[Place, Label]] = {}
    for place, label in form.labels.items():
        if label.field not in PASSED_FIELDS:
            fields.setdefault(label.field, {})[place] = label
    return fields


def _answer(form: Form, field: str, places: dict[Place, Label]) -> tuple[RawCell | None, list[Note]]:
    """Return the answer to a field whose label stands at one place, or at several that must agree."""
    kind = form.sheet.index.kinds[field]
    if kind == "count":
        return _count(form, field, places)
    if kind == "text":
        texts = [text_answer(form, place, label) for place, label in places.items()]
        return next((found for found in texts if found[0] is not None), (None, []))
    found = [cell for place, label in places.items() if (cell := first_answer(form, place, label)) is not None]
    named = list(dict.fromkeys(shown(cell.value) for cell in found))
    if field == "round" and len(named) > 1 and len({row for row, _ in places}) == 1:
        return RawCell(" / ".join(named), found[0].cell), []  # the heads of two columns: which is meant is not known
    return (found[0] if found else None), []


def _count(form: Form, field: str, places: dict[Place, Label]) -> tuple[RawCell | None, list[Note]]:
    if len(places) == 1:
        plain = lone_number(form, *next(iter(places.items())))
        if plain is not None:
            return plain, []
    number = form.sheet.index.phrases.number
    found: list[RawCell] = []  # the likeliest answer at each place
    counted: list[RawCell] = []
    above: list[Place] = []  # labels above the first number, without one
    first: Place | None = None
    for place, label in places.items():
        cells = count_answers(form, place, label)
        if len(places) == 1 and len(cells) <= 1:
            return (cells[0] if cells else None), []  # as nearly always
        found += cells[:1]
        if cells and number(cells[0].value) is not None:
            first = first or place
            counted += [cell for cell in cells if number(cell.value) is not None]
        elif first is None:
            above.append(place)
    rival = next((cell for cell in counted if number(cell.value) != number(counted[0].value)), None)
    if rival is not None:
        other = (("other_cell", rival.cell), ("other", shown(rival.value)))
        return RawCell(None, counted[0].cell), [_doubt(form, "two_values", field, counted[0], other)]
    broken = [cell for cell in found if cell.problem]
    answer = next(iter([*broken, *counted, *found]), None)
    if first is None or not above or broken or _is_heading(form, above[-1], first):
        return answer, []
    return answer, [_doubt(form, "answer_elsewhere", field, counted[0], (("other_cell", a1(*above[-1])),))]


def _doubt(form: Form, code: str, field: str, cell: RawCell, detail: tuple[tuple[str, str], ...]) -> Note:
    title = ("label", dict(form.sheet.index.spec.titles).get(field, field))
    return Note(code, field, form.sheet.grid.name, cell.cell, shown(cell.value), (title, *detail))


def _is_heading(form: Form, blank: Place, answered: Place) -> bool:
    """Whether a label without a number is the heading of the line below it, which asks for the same."""
    between = any(blank < place < answered for place in form.labels)
    return not between and answered[0] <= form.sheet.merged_to(blank)[0] + 1


def _answer_column(form: Form, cells: dict[str, RawCell]) -> int:
    """Return the column in which this form's answers stand, to name the cell of a blank one."""
    answered = [cell.cell.rstrip("0123456789") for cell in cells.values()]
    if answered:
        usual = max(dict.fromkeys(answered), key=answered.count)
        number = 0
        for letter in usual:
            number = number * 26 + ord(letter) - 64
        return number - 1
    items = [place for place, label in form.labels.items() if label.field not in PASSED_FIELDS]
    beside = max(form.sheet.merged_to(place)[1] + 1 for place in items)
    return next(c for c in range(beside, beside + len(form.passed) + 1) if c not in form.passed)
