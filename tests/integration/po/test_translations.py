#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Whether the translations are whole: every text of the sources, none fuzzy, none left over, formats as in
the source, the blanks that French sets before its signs.

    test_translations.py SOURCE_ROOT XGETTEXT_OPTION...
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])
OPTIONS = sys.argv[2:]
LANGUAGES = ["fr"]
# What marks a text, as po/meson.build names it to xgettext.
MARK = re.compile(r'\b(?:_|N_|P_|NP_|NC_|language_in|ROW|complain)\(\s*(?:[^;{}()"]*)"')
# The files that define the marks, or pass on what others marked.
UNMARKED = {"include/greend/language.h", "daemon/shell/language.h"}


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def unquote(lines):
    return "".join(re.search(r'"(.*)"', line).group(1) for line in lines)


def entries(path):
    """{(context, id): (flags, [translations])} of a file of translations; its header is left out."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        flags, fields, field = "", {}, None
        for line in block.splitlines():
            if line.startswith("#"):
                flags += line[2:] if line.startswith(("#,", "#~")) else ""
                flags += " obsolete" if line.startswith("#~") else ""
                continue
            start = re.match(r"(msg\w+(?:\[\d\])?)\s", line)
            field = start.group(1) if start else field
            fields.setdefault(field, []).append(line)
        texts = {name: unquote(lines) for name, lines in fields.items() if name}
        key = (texts.get("msgctxt"), texts.get("msgid", ""))
        if key != (None, ""):
            found[key] = (flags, [text for name, text in texts.items() if name.startswith("msgstr")])
        elif "obsolete" in flags:
            found[("obsolete", block)] = (flags, [])
    return found


class Translations(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        pot = pathlib.Path(self.folder.name) / "greend.pot"
        made = run("xgettext", *OPTIONS, "--files-from=po/POTFILES", "--output=%s" % pot)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.sources = entries(pot)

    def translations(self):
        return [(name, entries(ROOT / "po" / (name + ".po"))) for name in LANGUAGES]

    def test_sources_have_texts(self):
        self.assertGreater(len(self.sources), 400)
        self.assertIn(("quality", "high"), self.sources)

    def test_all_files_are_listed(self):
        listed = {line for line in (ROOT / "po/POTFILES").read_text().splitlines() if not line.startswith("#")}
        for folder in ("collectors", "ctl", "daemon", "footprint", "include"):
            for path in sorted((ROOT / folder).rglob("*.*")):
                name = str(path.relative_to(ROOT))
                if path.suffix not in (".c", ".h", ".inc") or name in UNMARKED:
                    continue
                if MARK.search(path.read_text(encoding="utf-8")) and name not in listed:
                    self.fail("%s has texts for people: add it to po/POTFILES" % name)

    def test_every_text_is_translated(self):
        for name, found in self.translations():
            for key in self.sources:
                flags, texts = found.get(key, ("", []))
                self.assertTrue(texts and all(texts),
                                "po/%s.po lacks %r: ninja greend-pot greend-update-po, then translate it" % (name, key))
                self.assertNotIn("fuzzy", flags, "po/%s.po: %r is fuzzy: check it and remove the mark" % (name, key))

    def test_nothing_is_left_over(self):
        for name, found in self.translations():
            for key in found:
                self.assertIn(key, self.sources, "po/%s.po: no source has %r: remove it" % (name, key))

    def test_formats_are_those_of_the_source(self):
        for name in LANGUAGES:
            checked = run("msgfmt", "--check", "--output-file=/dev/null", "po/%s.po" % name)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_pieces_keep_their_blanks(self):
        """Texts that are put together: a blank at an end is part of them."""
        for name, found in self.translations():
            for (context, text), (_, texts) in found.items():
                if context and " " in context:
                    continue  # signs
                for translated in texts:
                    self.assertEqual(text.endswith(" "), translated.endswith(" "), "po/%s.po: %r" % (name, text))

    def test_french_typography(self):
        wrong = re.compile(r"[\w)»%\]] [;:!?](?![^\s])|\d ?%(?!%)(?![a-z.\d])(?<!\u202f%)|[\w](?<!\u202f)[;!?](?=\s|$)"
                           r"|« | »|[A-Za-z]'[a-zà-ÿ]")
        for name, found in self.translations():
            if name != "fr":
                continue
            for (_, text), (_, texts) in found.items():
                for translated in texts:
                    at = wrong.search(translated)
                    self.assertIsNone(at, "po/fr.po: %r: the blank or apostrophe at %r" % (translated, at and at.group(0)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
