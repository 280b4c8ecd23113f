#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
"""Pages in a browser: axe-core finds nothing, the console is silent, a month prints on four pages of A4.

    test_browser.py PRINT_PAGE FOLDER      by hand: meson test -C build --suite long browser

Needs chromium and npm, which fetches axe-core; skipped without them. Leaves pages, screenshots and PDFs in
FOLDER to be looked at.
"""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

PRINT_PAGE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
PAGES_MOST = 4
RUN = """
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(function (found) {
  var told = {version: axe.version, passes: found.passes.length};
  ['violations', 'incomplete'].forEach(function (kind) {
    told[kind] = found[kind].map(function (rule) {
      return rule.id + ': ' + rule.help + ': ' + rule.nodes.slice(0, 5).map(function (node) { return node.target; });
    });
  });
  document.body.textContent = 'AXE' + JSON.stringify(told) + 'END';
});
"""


def skip(why):
    print(why)
    sys.exit(77)


def axe():
    script = FOLDER / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        if not shutil.which("npm"):
            skip("npm is not installed")
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), "axe-core@4"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0 or not script.exists():
            skip("npm cannot get axe-core: %s" % done.stderr[-200:])
    return script.read_text(encoding="utf-8")


def browse(*arguments):
    """What chromium says on standard output, and what pages said on their consoles."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
               "--disable-dev-shm-usage", "--enable-logging=stderr", "--hide-scrollbars",
               "--user-data-dir=%s" % (FOLDER / "profile"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def check(language, script):
    failed = []
    environment = dict(os.environ)
    page = FOLDER / ("month-%s.html" % language)
    page.write_bytes(subprocess.run([PRINT_PAGE, language], env=environment, check=True, capture_output=True).stdout)
    address = page.resolve().as_uri()
    _, console = browse("--screenshot=%s" % page.with_suffix(".png"), "--window-size=1000,2600", address)
    failed += console
    browse("--screenshot=%s" % (FOLDER / ("narrow-%s.png" % language)), "--window-size=500,2600", address)
    printed = page.with_suffix(".pdf")
    browse("--print-to-pdf=%s" % printed, "--no-pdf-header-footer", address)
    pages = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    print("%s: %d pages on A4" % (language, pages))
    if not 1 <= pages <= PAGES_MOST:
        failed.append("%s: expected at most %d printed pages, got %d" % (language, PAGES_MOST, pages))
    # The page's own policy lets no script run, and so not axe either: a copy without it.
    text = page.read_text(encoding="utf-8")
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert open_page != text
    with_axe = FOLDER / ("axe-%s.html" % language)
    with_axe.write_text(open_page.replace("</body>", "</body><script>%s</script><script>%s</script>" % (script, RUN)),
                        encoding="utf-8")
    dom, _ = browse("--virtual-time-budget=30000", "--dump-dom", with_axe.resolve().as_uri())
    told = re.search(r"AXE(\{.*\})END", dom, re.S)
    if not told:
        return failed + ["%s: axe did not answer" % language]
    found = json.loads(html.unescape(told.group(1)))
    print("%s: axe-core %s: %d rules passed, %d violations, %d to look at" % (
        language, found["version"], found["passes"], len(found["violations"]), len(found["incomplete"])))
    for rule in found["incomplete"]:
        print("  to look at: %s" % rule)
    return failed + found["violations"]


def main():
    if not shutil.which("chromium"):
        skip("chromium is not installed")
    FOLDER.mkdir(parents=True, exist_ok=True)
    script = axe()
    failed = [line for language in ("en", "fr") for line in check(language, script)]
    print("\n".join("FAILED: %s" % line for line in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
