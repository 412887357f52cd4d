"""The data sets for the entity recognizer, each read into `Labelled` examples of the common label set.

Where each comes from and under which licence: training/README.md. Every reader takes the set's folder; `read_all` gives
all of them, harmonised (see harmonise.py), in a fixed order.
"""

import csv
import gzip
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.text.model.typography import normalise_typography

from training.harmonise import (
    NATIONALITIES,
    RELIGIONS,
    Labelled,
    Lexicon,
    Span,
    complete,
    known_places,
    known_states,
    place_label,
    resolve,
    strip_title,
    widen_people,
)

BLOCK_SENTENCES = 60  # neighbouring sentences come from one article: a random split would leak
_NO_SPACE_BEFORE = frozenset(". , ; : ! ? ) ] } % 's 'S n't 'm 're 've 'll 'd ' ...".split())
_NO_SPACE_AFTER = frozenset("( [ { $ £ €".split())


def detokenise(words: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Words to text as people write it, and the characters of each word."""
    text, places, open_quote = "", [], False
    glue = True  # no blank before the next word
    for word in words:
        plain = normalise_typography(word)
        opening = closing = False
        if plain == '"':
            opening, closing = not open_quote, open_quote
            open_quote = not open_quote
        spaced = not (glue or plain in _NO_SPACE_BEFORE or closing)
        text += " " if spaced and text else ""
        places.append((len(text), len(text) + len(plain)))
        text += plain
        glue = plain in _NO_SPACE_AFTER or opening
    return text, places


def from_tags(words: list[str], tags: list[str], source: str, group: int) -> Labelled:
    """BIO (or IO) tags with the set's own labels."""
    text, places = detokenise(words)
    spans: list[Span] = []
    current: tuple[int, str] | None = None
    for i, tag in enumerate([*tags, "O"]):
        kind = tag[2:]
        if current and (tag[0] != "I" or kind != current[1]):
            spans.append((places[current[0]][0], places[i - 1][1], current[1]))
            current = None
        if tag[0] == "B" or (tag[0] == "I" and current is None):
            current = (i, kind)
    return Labelled(text, tuple(spans), source, group)


def read_columns(
    path: Path, column: int, separator: str | None = None, *, encoding: str = "utf-8"
) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Sentences of a column file: words, and the columns of each word."""
    words: list[str] = []
    rows: list[list[str]] = []
    for line in [*path.read_text(encoding=encoding).splitlines(), ""]:
        cells = line.split(separator) if separator else line.split()
        if len(cells) > column and cells[0].strip() and not line.startswith(("-DOCSTART-", "<DOCSTART>")):
            words.append(cells[0].strip())
            rows.append(cells)
        elif words:
            yield words, rows
            words, rows = [], []


# --- Groningen Meaning Bank: news ------------------------------------------------------------------------------------

_GMB_KINDS = {"geo": "PLACE", "gpe": "GPE?", "per": "PERSON", "org": "ORG", "eve": "EVENT"}
_DAMAGED = re.compile(r"^\d\d-[A-Z][a-z]{2}$")  # "05-Jun" stood for 5-6 before a spreadsheet read it
_SURE_COUNT, _SURE_SHARE = 10, 0.7  # a name seen this often with one label this often always has it
_MISSED_SHARE = 0.75  # a name tagged at least this often is tagged everywhere
_CARDINALS = frozenset(
    {"north", "south", "east", "west", "western", "eastern", "northern", "southern", "state", "prime", "mr", "mr."}
)
_DIRECTION = re.compile(r"(?:(?:north|south|east|west|central)(?:ern|west|east|western|eastern)?|of) (?=[A-Z])")
_AFTER_TITLE = re.compile(
    r"\b(?:Mr\.|Mrs\.|Ms\.|President|Prime Minister|Foreign Minister|Defense Minister|Senator|Chancellor|Premier|Judge|Ambassador) $"
)
_SMALL_ENDS = re.compile(
    r"^(?:(?!al-|el-|bin |ibn |de |da |van |von )[a-z][\w-]* )+|^'s |(?: (?:of|for|and|the|in|on|at|to|'s))+$"
)
_PERSON_LEADS = frozenset("captain judge mullah maulana senator premier mr mrs ms".split())


def read_gmb(folder: Path) -> tuple[list[Labelled], Lexicon]:
    """The news set, cleaned, and what it says about words."""
    raw = list(_gmb_sentences(folder / "ner_dataset.csv.zip"))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    examples = []
    seen: set[str] = set()
    for number, (words, tags) in enumerate(raw):
        if any(_DAMAGED.match(w) for w in words):
            continue
        example = from_tags(words, tags, "gmb", number // BLOCK_SENTENCES)
        if example.text in seen:
            continue
        seen.add(example.text)
        spans = []
        for start, end, kind in example.spans:
            if kind in _GMB_KINDS:
                label = _GMB_KINDS[kind]
                if label == "PERSON":
                    start, end = strip_title(example.text, start, end)
                if end > start:
                    spans.append((start, end, label))
        example = Labelled(example.text, resolve(example.text, spans), "gmb", example.group)
        for start, end, label in example.spans:
            counts[example.text[start:end]][label] += 1
        examples.append(example)
    lexicon = _gmb_lexicon(counts)
    sure = {n: label for n, label in lexicon.names.items() if n.lower() not in _CARDINALS}
    missed = _mostly_tagged(examples, sure)
    return [complete(_gmb_repair(e, lexicon, sure, missed), lexicon) for e in examples], lexicon


def _gmb_sentences(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    words: list[str] = []
    tags: list[str] = []
    with zipfile.ZipFile(path) as archive, archive.open("ner_dataset.csv") as raw:
        rows = csv.reader(io.TextIOWrapper(raw, encoding="latin-1"))
        next(rows)
        for mark, word, _, tag in rows:
            if mark and words:
                yield words, tags
                words, tags = [], []
            if word.strip():
                words.append(word.strip())
                tags.append(tag)
    yield words, tags


def _gmb_lexicon(counts: dict[str, Counter[str]]) -> Lexicon:
    norps = (
        set(RELIGIONS)
        | set(NATIONALITIES)
        | {n + "s" for n in NATIONALITIES if n.endswith(("n", "i", "k", "b", "c", "h", "x", "o"))}
    )
    names = {}
    for name, by in counts.items():
        total = sum(by.values())
        if (
            by["GPE?"] >= 2
            and by["GPE?"] / total > 0.5
            and name.lower() not in known_places()
            and " " not in name
            and name[0].isupper()
        ):
            norps.add(name.lower())
        label, count = by.most_common(1)[0]
        if total >= _SURE_COUNT and count / total >= _SURE_SHARE:
            names[name] = label
    norps -= {"congo", "lanka", "leone", "rica", "england", "scotland", "wales", "khartoum", "african-union"}
    names |= dict.fromkeys(("U.N.", "UN", "United Nations", "EU", "European Union", "NATO", "Hamas"), "ORG")
    names |= dict.fromkeys(("U.S.", "US", "United States"), "PLACE")
    for country in known_places():
        if counts.get(country.title(), {}).get("PLACE", 0) >= _SURE_COUNT:
            names[country.title()] = "PLACE"
    return Lexicon(frozenset(norps), names)


def _mostly_tagged(examples: list[Labelled], sure: dict[str, str]) -> dict[str, str]:
    """Names with more than one letter case that are nearly always tagged: where one is not, it was missed."""
    tagged: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for example in examples:
        for start, end, _ in example.spans:
            tagged[example.text[start:end]] += 1
        for match in re.finditer(r"[A-Z][\w'-]*(?: [A-Z][\w'-]*){0,2}", example.text):
            words = match[0].split(" ")
            every.update({" ".join(words[:n]) for n in range(1, len(words) + 1)})
    return {n: label for n, label in sure.items() if every[n] and tagged[n] / every[n] >= _MISSED_SHARE}


def _gmb_repair(example: Labelled, lexicon: Lexicon, sure: dict[str, str], missed: dict[str, str]) -> Labelled:
    spans: list[Span] = []
    states = known_states()
    for start, end, label in example.spans:
        name = example.text[start:end]
        direction = _DIRECTION.match(name)
        if direction and label in {"PLACE", "GPE?"}:
            start += direction.end()
            name = example.text[start:end]
        if label == "EVENT" and name in {"I", "II"} and example.text[:start].endswith("World War "):
            start -= len("World War ")
        if label == "ORG" and name.split()[0].lower().rstrip(".") in _PERSON_LEADS:
            start, end = strip_title(example.text, start, end)
            label = "PERSON"
        label = sure.get(name, label)
        if label in {"ORG", "PERSON"}:
            start, end = _trim_small(example.text, start, end)
            name = example.text[start:end]
        if (
            label != "NORP"
            and name.lower() not in known_places()
            and _AFTER_TITLE.search(example.text, max(0, start - 20), start)
        ):
            label = "PERSON"
        elif label == "ORG" and name.lower() in states:
            label = "PLACE"
        if start == end:
            continue
        if name.lower() in lexicon.norps or (label in {"GPE?", "PLACE"} and place_is_people(name, lexicon)):
            start, label = widen_people(example.text, start), "NORP"
        elif label in {"PLACE", "GPE?"}:
            label = place_label(name)
        spans.append((start, end, label))
    taken = [(a, b) for a, b, _ in spans]
    for match in re.finditer(r"[A-Z][\w'-]*", example.text):
        label = missed.get(match[0], "")
        if label and not any(match.start() < b and a < match.end() for a, b in taken):
            spans.append((*match.span(), place_label(match[0]) if label in {"PLACE", "GPE?"} else label))
    return Labelled(example.text, resolve(example.text, spans), example.source, example.group)


def _trim_small(text: str, start: int, end: int) -> tuple[int, int]:
    """Small words at the ends of a name are the annotation's slips."""
    for match in list(_SMALL_ENDS.finditer(text[start:end])):
        if match.start() == 0:
            start += match.end()
        else:
            end -= match.end() - match.start()
    return (start, end) if start < end else (start, start)


def place_is_people(name: str, lexicon: Lexicon) -> bool:
    """ "Bosnian Serb", "South Koreans": the last word names a people."""
    return name.split()[-1].lower() in lexicon.norps


# --- the clean sets --------------------------------------------------------------------------------------------------


def _relabel(example: Labelled, kinds: dict[str, str], lexicon: Lexicon) -> Labelled:
    """Map labels; places get their kind, single words that name a people become NORP, titles go."""
    spans: list[Span] = []
    for start, end, kind in example.spans:
        label = kinds.get(kind, "")
        name = example.text[start:end]
        if not any(c.isalpha() for c in name):
            continue
        if label == "MISC":
            label = "NORP" if name.lower() in lexicon.norps or place_is_people(name, lexicon) else ""
        elif label == "PERSON" and name.lower() in lexicon.norps:
            label = "NORP"
        elif label == "PLACE":
            label = "NORP" if name.lower().lstrip("#") in lexicon.norps else place_label(name)
        elif label == "PERSON":
            start, end = strip_title(example.text, start, end)
        if label and start < end:
            spans.append((start, end, label))
    return Labelled(example.text, resolve(example.text, spans), example.source, example.group, example.unsure)


def read_wikigold(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Encyclopaedia, PER LOC ORG MISC."""
    kinds = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORG", "MISC": "MISC"}
    sentences = read_columns(folder / "wikigold.conll", 1)
    found = [from_tags(w, [r[1] for r in rows], "wikigold", n // 20) for n, (w, rows) in enumerate(sentences)]
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found]


def read_wnut(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Social media with rare names."""
    kinds = {"person": "PERSON", "location": "PLACE", "corporation": "ORG", "group": "ORG"}
    found = []
    for part in ("train", "dev", "test"):
        for n, (w, rows) in enumerate(read_columns(folder / f"{part}.conll", 1, "\t")):
            found.append(from_tags(w, [r[1].split(",")[0] for r in rows], "wnut17", n // BLOCK_SENTENCES))
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found]


def read_btc(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Tweets; those that address accounts are left out, because no article does."""
    kinds = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORG"}
    found = []
    for part in "abefgh":
        for n, (w, rows) in enumerate(read_columns(folder / f"{part}.conll", 1, "\t")):
            if not any(x.startswith("@") for x in w):
                found.append(from_tags(w, [r[1] for r in rows], "btc", n // BLOCK_SENTENCES))
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found]


def read_uner(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Universal NER over the English Web Treebank: PER LOC ORG, raw text given."""
    kinds = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORG"}
    found = []
    for part in ("dev", "test"):
        text, group = "", 0
        words: list[str] = []
        tags: list[str] = []
        for line in [*(folder / f"{part}.iob2").read_text(encoding="utf-8").splitlines(), ""]:
            if line.startswith("# newdoc"):
                group += 1
            elif line.startswith("# text = "):
                text = normalise_typography(line[9:])
            elif line and line[0].isdigit():
                cells = line.split("\t")
                words.append(normalise_typography(cells[1]))
                tags.append(cells[2])
            elif not line and words:
                found.append(_align(text, words, tags, "uner-ewt", group))
                words, tags = [], []
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found if e]


def _align(text: str, words: list[str], tags: list[str], source: str, group: int) -> Labelled | None:
    """Tags of words onto the raw text; None where the words do not follow it."""
    example = from_tags(words, tags, source, group)
    pieces, at = [], 0
    for word in words:
        found = text.find(word, at)
        if found < 0 or text[at:found].strip():
            return example
        pieces.append((found, found + len(word)))
        at = found + len(word)
    _, places = detokenise(words)
    starts = {a: pieces[i][0] for i, (a, _) in enumerate(places)}
    ends = {b: pieces[i][1] for i, (_, b) in enumerate(places)}
    return Labelled(text, tuple((starts[a], ends[b], k) for a, b, k in example.spans), source, group)


def read_annoctr(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Threat reports, training part only. Titles and code stay; persons are not annotated, so they are unsure."""
    found = []
    group = 0
    for n, (words, rows) in enumerate(read_columns(folder / "train.bio", 6, "\t")):
        group = n // BLOCK_SENTENCES
        tags = []
        for cells in rows:
            picked = next((c for c in (cells[4], cells[1]) if c[2:] in {"MALWARE", "GROUP", "TOOL", "ORG", "LOC"}), "O")
            tags.append(picked)
        found.append(from_tags(words, tags, "annoctr", group))
    kinds = {"MALWARE": "MALWARE", "GROUP": "GROUP", "TOOL": "TOOL", "ORG": "ORG", "LOC": "PLACE"}
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found]


def read_cyner(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Reports on Android malware; MALWARE and ORG are used."""
    kinds = {"Malware": "MALWARE", "Organization": "ORG"}
    found = []
    for part in ("train", "valid", "test"):
        for n, (w, rows) in enumerate(read_columns(folder / f"{part}.txt", 1, "\t")):
            found.append(from_tags(w, [r[1] for r in rows], "cyner", n // BLOCK_SENTENCES))
    return [complete(_relabel(e, kinds, lexicon), lexicon) for e in found]


# --- GUM: entities of all kinds, of which the named ones are taken ----------------------------------------------------

_GUM_KINDS = {"person": "PERSON", "organization": "ORG", "place": "PLACE", "event": "EVENT"}
_OPEN = re.compile(r"\((\d+)-([a-z]+)-")
_MARKS = re.compile(r"\(\d+-[a-z]+-[^()]*\)?|\d+\)")
_GLUE_WORDS = frozenset("of de la del van von der den di da al bin ibn for and the to in on at 's & - /".split())


def read_gum(folder: Path, lexicon: Lexicon) -> list[Labelled]:
    """Named entities out of GUM's layer of all entities: those whose syntactic head is a proper noun."""
    found = []
    for part in ("train", "dev", "test"):
        group = 0
        rows: list[list[str]] = []
        with gzip.open(folder / f"gum-{part}.conllu.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("# newdoc"):
                    group += 1
                elif line[0].isdigit():
                    rows.append(line.rstrip("\n").split("\t"))
                elif not line.strip() and rows:
                    found.append(_gum_sentence(rows, group + {"train": 0, "dev": 1000, "test": 2000}[part]))
                    rows = []
    return [complete(_relabel(e, _GUM_KINDS, lexicon), lexicon) for e in found]


def _gum_sentence(rows: list[list[str]], group: int) -> Labelled:
    rows = [r for r in rows if r[0].isdigit()]
    words = [normalise_typography(r[1]) for r in rows]
    text, places = "", []
    for row, word in zip(rows, words, strict=True):
        places.append((len(text), len(text) + len(word)))
        text += word + ("" if "SpaceAfter=No" in row[9] else " ")
    spans = []
    for first, last, kind in _gum_mentions(rows):
        named = _named_part(rows, first, last) if kind in _GUM_KINDS else None
        if named:
            spans.append((places[named[0]][0], places[named[1]][1], _GUM_KINDS[kind] and kind))
    # Inner mentions lie within outer ones ("[the mayor of [Oslo]]"); an outer one is only named if its own head is.
    return Labelled(text.rstrip(), tuple(spans), "gum", group)


def _gum_mentions(rows: list[list[str]]) -> Iterator[tuple[int, int, str]]:
    pending: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for i, row in enumerate(rows):
        match = re.search(r"(?:^|\|)Entity=([^|]+)", row[9])
        if not match:
            continue
        for mark in _MARKS.findall(match[1]):
            opened = _OPEN.match(mark)
            if opened:
                if mark.endswith(")"):
                    yield i, i, opened[2]
                else:
                    pending[opened[1]].append((i, opened[2]))
            elif pending[mark[:-1]]:
                start, kind = pending[mark[:-1]].pop()
                yield start, i, kind


def _named_part(rows: list[list[str]], first: int, last: int) -> tuple[int, int] | None:
    """The words of the proper name inside a mention, or None if the mention's head is a common noun."""
    head = next((i for i in range(first, last + 1) if not first <= int(rows[i][6]) - 1 <= last), None)
    if head is None or rows[head][3] != "PROPN":
        return None

    def is_name(i: int) -> bool:
        return (
            rows[i][3] == "PROPN"
            or rows[i][4].startswith("NNP")
            or (rows[i][3] in {"ADJ", "NOUN", "NUM"} and rows[i][1][:1].isupper())
        )

    start = end = head
    while start > first and (
        is_name(start - 1)
        or (
            rows[start - 1][1] in _GLUE_WORDS
            and start - 1 > first
            and is_name(start - 2)
            and rows[start - 1][1] not in {"and", "the", ","}
        )
    ):
        start -= 1
    while end < last and (
        is_name(end + 1)
        or (
            rows[end + 1][1] in _GLUE_WORDS - {"and", "in", "on", "at", "to", "the"}
            and end + 1 < last
            and (is_name(end + 2) or (rows[end + 2][1] == "the" and end + 3 <= last and is_name(end + 3)))
        )
        or (rows[end + 1][1] == "the" and rows[end][1] in _GLUE_WORDS)
    ):
        end += 1
    while start < head and not is_name(start):
        start += 1
    while end > head and not is_name(end):
        end -= 1
    return start, end


def read_all(data: Path, names: Iterable[str]) -> tuple[dict[str, list[Labelled]], Lexicon]:
    """The named sets of `data`, one list each. The news set is always read: its lexicon completes the others."""
    readers = {
        "wikigold": (read_wikigold, "wikigold"),
        "wnut17": (read_wnut, "wnut17"),
        "btc": (read_btc, "btc"),
        "uner-ewt": (read_uner, "uner-ewt"),
        "gum": (read_gum, "treebank"),
        "annoctr": (read_annoctr, "annoctr"),
        "cyner": (read_cyner, "cyner"),
    }
    gmb, lexicon = read_gmb(data / "gmb")
    sets = {"gmb": gmb}
    for name in names:
        if name != "gmb":
            reader, folder = readers[name]
            sets[name] = reader(data / folder, lexicon)
    return sets, lexicon
