#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Whether pages are whole and can be read by everyone: what can be told without a browser.

    test_pages.py PAGE...      (golden files: what greend-ctl makes is compared with them elsewhere)
"""
import html.parser
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

PAGES = [pathlib.Path(name) for name in sys.argv[1:]]
SVG = "{http://www.w3.org/2000/svg}"
EMPTY = {"meta", "br"}


class Nesting(html.parser.HTMLParser):
    """As HTML is read: every element is closed by its own end tag, in order, and text is told apart."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.wrong, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend(attrs)
        if tag not in EMPTY:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend(attrs)
        if tag not in EMPTY and "svg" not in self.stack:
            self.wrong.append("<%s/> is not closed in HTML" % tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append("</%s> at line %d" % (tag, self.getpos()[0]))

    def handle_comment(self, data):
        self.wrong.append("a comment: %r" % data)


class Pages(unittest.TestCase):
    def each(self):
        self.assertGreaterEqual(len(PAGES), 2)
        for path in PAGES:
            text = path.read_text(encoding="utf-8")
            with self.subTest(page=path.name):
                yield path, text, xml.etree.ElementTree.fromstring(text)

    def test_nesting(self):
        for _, text, _ in self.each():
            parser = Nesting()
            parser.feed(text)
            parser.close()
            self.assertEqual((parser.wrong, parser.stack), ([], []))
            self.assertTrue(text.startswith("<!DOCTYPE html>\n"))

    def test_nothing_from_elsewhere(self):
        allowed = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1",
                   "h2", "p", "div", "dl", "dt", "dd", "ul", "li", "figure", "table", "caption", "thead", "tbody",
                   "tr", "th", "td", "svg", "desc", "defs", "pattern", "rect", "line", "text"}
        for _, text, _ in self.each():
            parser = Nesting()
            parser.feed(text)
            self.assertEqual(set(parser.tags) - allowed, set())
            for name, value in parser.attributes:
                self.assertNotRegex(name, r"^(on|src|href|style|xlink)")
                self.assertNotRegex(value or "", r"^\s*(javascript|data|https?):(?!//www\.w3\.org/2000/svg$)")
            self.assertNotRegex(re.sub(r"url\(#[a-z-]+\)", "", text), r"(?i)url\(|@import")
            self.assertIn("default-src 'none'".replace("'", "&#39;"), text)

    def test_language_and_headings(self):
        for path, _, root in self.each():
            self.assertEqual(root.get("lang"), "fr" if path.parent.name == "fr" else "en")
            titles = root.findall("head/title")
            self.assertEqual(len(titles), 1)
            self.assertTrue(titles[0].text.strip())
            levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
            self.assertEqual(levels[0], 1)
            self.assertEqual(levels.count(1), 1)
            self.assertTrue(all(b - a <= 1 for a, b in zip(levels, levels[1:])))
            for section in root.iter("section"):
                self.assertEqual(section.get("aria-labelledby"), section[0].get("id"))

    def test_ids(self):
        for _, _, root in self.each():
            ids = [e.get("id") for e in root.iter() if e.get("id")]
            self.assertEqual(len(ids), len(set(ids)))
            for element in root.iter():
                for target in (element.get("aria-labelledby") or "").split():
                    self.assertIn(target, ids)
                fill = re.fullmatch(r"url\(#(.*)\)", element.get("fill") or "")
                if fill:
                    self.assertIn(fill.group(1), ids)

    def test_tables(self):
        for _, _, root in self.each():
            tables = list(root.iter("table"))
            self.assertTrue(tables)
            for table in tables:
                self.assertTrue(table.find("caption").text.strip())
                columns = table.findall("thead/tr/th")
                self.assertTrue(columns)
                for column in columns:
                    self.assertEqual(column.get("scope"), "col")
                    self.assertTrue((column.text or "").strip(), "a column without a title")
                for row in table.findall("tbody/tr"):
                    self.assertEqual((row[0].tag, row[0].get("scope")), ("th", "row"))
                    self.assertTrue((row[0].text or "").strip(), "a row without a name")
                    self.assertEqual(len(row), len(columns))

    def test_pictures(self):
        for _, _, root in self.each():
            pictures = list(root.iter(SVG + "svg"))
            self.assertTrue(pictures)
            for picture in pictures:
                self.assertEqual(picture.get("role"), "img")
                self.assertTrue(picture.find(SVG + "title").text.strip())
                self.assertGreater(len(picture.find(SVG + "desc").text), 40)
                # What a hatched bar means is said in words.
                bars = [e for e in picture.iter(SVG + "rect") if e.get("class") == "hatched"]
                texts = [e.text for e in picture.iter(SVG + "text")]
                self.assertTrue(not bars or len(texts) > 2)

    def test_hostile_names_are_text(self):
        names = {"</script><script>alert(1)</script>", "\"><img src=x onerror=a>", "</style></title></svg>&amp;&lt;",
                 "]]><![CDATA[", "{{7*7}} ${x} %s%n"}
        for path, _, root in self.each():
            if "hostile" in path.name:
                cells = {e.text for e in root.iter() if e.tag in ("th", "td")}
                self.assertEqual(names - cells, set())
                self.assertTrue(any(cell and "\\xe2\\x80\\xaeevil\\x1b[2J\\x01\\xff" in cell for cell in cells))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
