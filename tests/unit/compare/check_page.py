"""Is a report a page that stands alone, in two whole languages? Prints what is wrong, one line each; silent when right.

usage: check_page.py PAGE.html
"""
import html.parser
import re
import sys

VOID = {"meta", "input", "br", "hr", "img", "link", "base", "col", "wbr", "source", "area", "embed", "track"}
LOADS = {"src", "srcset", "poster", "data", "action", "formaction", "background", "ping", "manifest", "codebase"}


class page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.refs, self.labelled = [], [], [], [], []
        self.text = {"en": [], "pt": []}  # texts of the two <main>s with the path of tags that leads there
        self.numbers = {"en": [], "pt": []}
        self.tags = {"en": {}, "pt": {}}
        self.count = {}
        self.lang = None

    def bad(self, what):
        self.wrong.append(f"line {self.getpos()[0]}: {what}")

    def handle_starttag(self, tag, attributes):
        self.start(tag, attributes)
        if tag not in VOID:
            self.open.append((tag, dict(attributes).get("class") or ""))

    def handle_startendtag(self, tag, attributes):
        self.start(tag, attributes)
        if not any(t == "svg" for t, _ in self.open) and tag not in VOID:
            self.bad(f"<{tag}/> outside SVG")

    def start(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        a = dict(attributes)
        if len(a) != len(attributes):
            self.bad(f"<{tag}> has an attribute twice")
        if tag == "main":
            self.lang = a.get("lang")
        if self.lang:
            self.tags[self.lang][tag] = self.tags[self.lang].get(tag, 0) + 1
        for name, value in attributes:
            if name.startswith("on"):
                self.bad(f"<{tag} {name}>: an event handler")
            if name in LOADS:
                self.bad(f"<{tag} {name}={value!r}> loads something")
            if name in ("href", "xlink:href"):
                if not (value or "").startswith("#"):
                    self.bad(f"<{tag} {name}={value!r}> leads outside")
                else:
                    self.refs.append(value[1:])
            if name == "style" and "url(" in (value or ""):
                self.bad(f"<{tag} style> loads something")
            if name in ("aria-labelledby", "aria-describedby", "for"):
                self.refs += (value or "").split()
            if name == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.bad(f"</{tag}> closes {self.open[-1:]}")
            return
        self.open.pop()
        if tag == "main":
            self.lang = None

    def handle_data(self, text):
        if self.open and self.open[-1][0] == "style":
            for m in re.findall(r"url\(|@import|https?:", text):
                self.bad(f"the style sheet says {m}")
        elif self.open and self.open[-1][0] == "script":
            for m in re.findall(r"fetch|XMLHttp|import|https?:|eval|innerHTML", text):
                self.bad(f"the script says {m}")
        elif self.lang and text.strip():
            self.text[self.lang].append(text.strip())
            inside = {t for t, _ in self.open}
            classes = " ".join(c for _, c in self.open).split()
            if ("n" in classes and "td" in inside) or "big" in classes or "legend" in classes:
                self.numbers[self.lang].append(text.strip())


def main():
    raw = open(sys.argv[1], "rb").read()
    source = raw.decode("utf-8")  # strict
    p = page()
    p.feed(source)
    p.close()
    w = p.wrong
    w += [f"<{t}> is never closed" for t, _ in p.open]
    if not source.startswith("<!DOCTYPE html>"):
        w.append("no doctype")
    w += [f"id {i} stands there twice" for i in set(p.ids) if p.ids.count(i) > 1]
    w += [f"nothing has the id {r}" for r in set(p.refs) - set(p.ids)]
    for tag, n in {"script": 1, "style": 1, "title": None, "main": 2, "html": 1, "body": 1}.items():
        if n is not None and p.count.get(tag) != n:
            w.append(f"<{tag}> stands there {p.count.get(tag)} times, not {n}")
    for tag in ("iframe", "object", "embed", "img", "link", "base", "form", "foreignobject", "audio", "video"):
        if tag in p.count:
            w.append(f"<{tag}> in the page")
    if "Content-Security-Policy" not in source or "default-src 'none'" not in source:
        w.append("no policy against loading")
    # Both languages have the same parts.
    for tag in sorted(set(p.tags["en"]) | set(p.tags["pt"])):
        if p.tags["en"].get(tag, 0) != p.tags["pt"].get(tag, 0) and tag not in ("b", "i", "small", "br"):
            w.append(f"<{tag}>: {p.tags['en'].get(tag, 0)} in English, {p.tags['pt'].get(tag, 0)} in Portuguese")
    for text in p.numbers["pt"]:
        if re.search(r"\d\.\d", text) or re.search(r"\d,\d{3},", text):
            w.append(f"Portuguese number with a point: {text!r}")
    for text in p.numbers["en"]:
        if re.search(r"\d,\d{1,2}(\D|$)", text):
            w.append(f"English number with a comma: {text!r}")
    # Words that are surely of the other language.
    english = re.compile(r"\b(the|of|and|with|trips?|mean|roads?|delay|travel|change|runs?|seeds?|shown)\b", re.I)
    for text in p.text["pt"]:
        if english.search(text) and "=" not in text:  # settings
            w.append(f"English in the Portuguese part: {text[:120]!r}")
    for text in p.text["en"]:
        if re.search(r"[ãõç]|\b(não|das|dos|viagens|tempo|uma?)\b", text):
            w.append(f"Portuguese in the English part: {text[:120]!r}")
    print("\n".join(w), end="\n" if w else "")
    return 1 if w else 0


sys.exit(main())
