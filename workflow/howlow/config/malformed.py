"""Why a file is not YAML, in a student's words: what stands where, and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from howlow.errors import InputError
from howlow.findings import Finding

_QUOTES = "“”„‟‘’‚‛«»"
#: Spaces that look like a space and are none to YAML, and signs nobody sees.
_ODD_SPACES = "\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_ODD_SPACE = re.compile(f"[{_ODD_SPACES}]")
#: `key:value` at the start of a line or of an entry of `{...}`; `https://` is no such thing.
_NO_SPACE = re.compile(r"(?:^\s*(?:- +)*|[{,]\s*)([A-Za-z_][\w-]*):(?=[^\s/:])")
#: A typographic quotation mark where a value, an entry or a key begins.
_SMART_QUOTE = re.compile(f"(?:^\\s*|[:,-]\\s+|[\\[{{]\\s*)([{_QUOTES}])")
_INDENTATION = "Indent it like the lines it belongs with, in spaces"

#: How files begin that are no text, whatever their name says.
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a Word, Excel or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (b"{\\rtf", "a rich-text (RTF) file"),
    (b"%PDF", "a PDF"),
)


@dataclass(frozen=True)
class _Fault:
    """A line and a column (from 1; 0 for none), what is there and what to do."""

    line: int
    column: int
    found: str
    action: str
    code: str = "G01"

    def finding(self, shown: str) -> Finding:
        """The same as a finding about a file."""
        column = f"column {self.column}" if self.column else ""
        return Finding(self.code, "error", shown, self.line, column, self.found, self.action)


def text_of(content: bytes, shown: str) -> str:
    """The text of a file's bytes; raise InputError where it is no UTF-8 text."""
    fault = _other_format(content)
    if fault is None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            fault = _not_utf8(content, error.start)
        else:
            if text.strip():
                return text
            fault = _Fault(0, 0, "the file is empty", "Write one `key: value` a line")
    raise InputError([fault.finding(shown)])


def _other_format(content: bytes) -> _Fault | None:
    """What kind of file this is, if it is plainly no text."""
    start = content[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    action = "Write the file in a text editor and save it as plain text, encoding UTF-8"
    for signature, name in _OTHER_FORMATS:
        if start.startswith(signature):
            return _Fault(0, 0, f"this is {name}, not a text file", action)
    if re.match(rb"<(!doctype|html|\?xml|head|body)", start, re.IGNORECASE):
        return _Fault(1, 0, "this is a web page (HTML) or XML, not a YAML file", action, "F05")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        found = "this is UTF-16 text or no text at all"
        return _Fault(0, 0, found, "Save the file as UTF-8", "F03")
    return None


def _not_utf8(content: bytes, start: int) -> _Fault:
    """The first byte that is no UTF-8, with its line and what it would be on Windows."""
    line = content[:start].count(b"\n") + 1
    column = start - (content.rfind(b"\n", 0, start) + 1) + 1
    letter = content[start : start + 1].decode("cp1252", errors="replace")
    meant = f" (in the encoding that Windows calls ANSI it is '{letter}')"
    found = f"byte {start} is not UTF-8" + ("" if letter == "\ufffd" else meant)
    action = "Save the file as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"
    return _Fault(line, column, found, action, "F02")


def syntax_fault(error: Exception, text: str, shown: str) -> Finding:
    """A finding for text that the YAML parser gave up on."""
    return _cause(error, text).finding(shown)


def misread(text: str) -> tuple[str, str] | None:
    """What was found and what to do, where unquoted text is surely not what was meant."""
    if text[:1] in set(_QUOTES) and (text[-1] in _QUOTES or not _typographic(text[1:])):
        return _smart_quote(text[0])
    if _ODD_SPACE.search(text[:1] + text[-1:]) or re.search(rf"^\w+:[{_ODD_SPACES}]", text):
        return _odd_space(next(iter(_ODD_SPACE.findall(text))))
    return None


def space_after_colon(text: str) -> str:
    """`Write ...` with the space that is missing after a colon; nothing where none is."""
    if not _NO_SPACE.match(text):
        return ""
    key, value = text.strip().split(":", 1)
    return f"Write `{key}: {value[:40]}` with a space after the colon"


def _typographic(text: str) -> bool:
    """Whether there is a typographic quotation mark in a text."""
    return any(sign in text for sign in _QUOTES)


def _smart_quote(sign: str) -> tuple[str, str]:
    """A quotation mark as word processors make them."""
    return f"{sign} is not a quote to YAML", "Use the straight quote \" (or ') on both sides"


def _odd_space(sign: str) -> tuple[str, str]:
    """A space that is none to YAML."""
    name = unicodedata.name(sign, "no name").lower()
    found = f"U+{ord(sign):04X} ({name}), which looks like a space or like nothing"
    return found, "Replace it by an ordinary space, or remove it"


def _cause(error: Exception, text: str) -> _Fault:
    """The likely cause of a syntax error: what the parser says, and what stands around there."""
    position = getattr(error, "position", None)
    if isinstance(position, int):  # a character that YAML does not allow anywhere
        before = text[:position]
        column = position - (before.rfind("\n") + 1) + 1
        found = f"an invisible control character (U+{ord(text[position]):04X})"
        return _Fault(before.count("\n") + 1, column, found, "Remove it")
    problem = str(getattr(error, "problem", None) or str(error).splitlines()[0])
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line, column = _where(mark or context)
    start, start_column = _where(context or mark)
    if "alias" in problem or "anchor" in problem:
        action = "Aliases are not allowed: put text that starts with * or & in quotes"
        return _Fault(line, column, problem, action, "G05")
    if "'\\t'" in problem:
        return _Fault(line, column, "a tab", "Use spaces, never tabs")
    refused = re.search(r"found character '(.)' that cannot start", problem)
    if refused:
        found = f"a value cannot start with {refused[1]}"
        return _Fault(line, column, found, "Put the value in quotes")
    if "another document" in problem:
        found = "a second document starts here"
        return _Fault(line, column, found, "Remove this `---`: a file holds one document")
    if "unexpected end of stream" in problem:
        found = "the quote that opens here is never closed"
        return _Fault(start, start_column, found, "Add the closing quote")
    lines = text.splitlines()
    fault = _in_the_lines(lines, min(start, line - 1), line)
    return fault or _by_problem(problem, str(getattr(error, "context", "")), error, lines)


def _where(mark: Any) -> tuple[int, int]:
    """Line and column of a mark, from 1; 0 where there is none."""
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _in_the_lines(lines: list[str], first: int, last: int) -> _Fault | None:
    """A sign in the lines before and at a syntax error that is known to cause one."""
    # The parser may point to a parent far above; the slip is nearly always close to the end.
    for number in range(min(last, len(lines)), max(first, last - 3, 1) - 1, -1):
        line = lines[number - 1].split(" #")[0]
        smart = _SMART_QUOTE.search(line)
        if smart:
            return _Fault(number, smart.start(1) + 1, *_smart_quote(smart[1]))
        odd = _ODD_SPACE.search(line)
        if odd:
            return _Fault(number, odd.start() + 1, *_odd_space(odd.group()))
        close = _NO_SPACE.search(line)
        if close:
            found = f"there is no space after `{close[1]}:`"
            action = f"Write `{close[1]}: value` with a space after the colon"
            return _Fault(number, close.start(1) + 1, found, action)
        if number < last and line.count('"') % 2:
            found = "a quote on this line is never closed"
            return _Fault(number, line.index('"') + 1, found, "Add the closing quote")
    return None


def _by_problem(problem: str, context: str, error: Exception, lines: list[str]) -> _Fault:
    """What the parser says, in plain words."""
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line, column = _where(mark or opened)
    start, start_column = _where(opened or mark)
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "flow" in context:
        sign = lines[start - 1][start_column - 1 : start_column] if start <= len(lines) else ""
        sign = sign if sign and sign in "[{" else "[ or {"
        found = f"the {sign} that opens here is not closed properly"
        return _Fault(start, start_column, found, "Add the closing ] or }, and commas between")
    if "expected ':'" in problem:
        return _Fault(start, start_column, "this line has no colon", "Write `key: value`")
    if "mapping values are not allowed" in problem:
        if re.search(r":\s.*:(\s|$)", here[: column + 1]):
            action = "If the colon belongs to the text, put the whole value in quotes"
            return _Fault(line, column, "a second colon on this line", action)
        found = "this line is indented, but the line above already has a value"
        return _Fault(line, column, found, _INDENTATION)
    if "unknown escape" in problem:
        action = "In double quotes a backslash means something else; use single quotes"
        return _Fault(line, column, "a backslash in double quotes", action)
    if "<block end>" in problem and re.search(r"'(\]|\})'", problem):
        return _Fault(line, column, "a closing ] or } that nothing opened", "Remove it")
    if "<block end>" in problem and here[: column - 1].strip():
        action = "Put the whole value in quotes of the other kind"
        return _Fault(line, column, "text goes on after a closing quote", action)
    if "<block end>" in problem:
        found = "this line does not line up with the lines above it"
        return _Fault(line, column, found, _INDENTATION)
    action = "Check colons, quotes and indentation (spaces, never tabs) on this line and above"
    return _Fault(line, column, f"this is not YAML ({problem})", action)
