"""Does the Portuguese half of a page hold words of its English half? Prints each, one a line with where it stands.

usage: check_words.py PAGE.html [NAME ...]

Halves are what stands below lang="en" and lang="pt", the nearest one. No words are those of code and styles, of names
given here, in capitals alone (GEH, FHWA), of file names and keys (report.html, mean_km), and those that are alike in both.
"""
import html.parser
import re
import sys

VOID = {"meta", "input", "br", "hr", "img", "link", "base", "col", "wbr", "source", "area", "embed", "track"}
NO_WORDS = {"code", "pre", "style", "script"}
ALIKE = {"total", "base", "normal", "local", "central", "real", "digital", "sigma", "min", "for", "hash", "tbb", "sumo", "gemeo", "zero",
         "nox", "pmx", "student"}


class halves(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts = [], {"en": [], "pt": []}

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        outer = self.open[-1] if self.open else (None, None, False)
        lang = dict(attributes).get("lang") if tag != "html" else None
        self.open.append((tag, lang or outer[1], tag in NO_WORDS or outer[2]))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, text):
        if self.open and self.open[-1][1] in self.texts and not self.open[-1][2] and text.strip():
            self.texts[self.open[-1][1]].append(" ".join(text.split()))


def words(text, names):
    for name in names:
        text = text.replace(name, " ")
    text = re.sub(r"\S*(?:[_/=\\]|\w\.\w|--)\S*", " ", text)
    text = re.sub(r"\b(?=\w*\d)\w+", " ", text)  # hashes, and names with numbers
    found = re.findall(r"[^\W\d_]{3,}", text)
    return {w.lower() for w in found if not w.isupper()}


def main():
    page = halves()
    with open(sys.argv[1], encoding="utf-8") as f:
        page.feed(f.read())
    names = sorted(sys.argv[2:], key=len, reverse=True)
    if not page.texts["en"] or not page.texts["pt"]:
        print("the page has no two halves")
    english = set().union(*(words(t, names) for t in page.texts["en"]), set()) - ALIKE
    for text in page.texts["pt"]:
        for word in sorted(words(text, names) & english):
            print(f"{word}: {text[:160]}")


main()
