"""Checks what the engine's library offers: every declaration of a public header that a source defines carries
LINESHAFT_EXPORT (include/lineshaft/base/export.h). Of a built library also that it exports all of these, and nothing
else but what LINESHAFT_COMMAND_EXPORT marks (src/base/command_export.h).

    check_exports.py [liblineshaft.so]
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLIC, COMMAND = "LINESHAFT_EXPORT", "LINESHAFT_COMMAND_EXPORT"
# What the standard library's templates make of types of its own cannot be hidden, and harms nobody.
STANDARD = {"std", "__gnu_cxx", "__cxxabiv1"}
OPERATOR = re.compile(r"\boperator\s*(\(\)|\[\]|<=>|->\*?|<<=?|>>=?|&&|\|\||\+\+|--|[-+*/%^&|!=<>~,]=?)")
ONE_TYPE = "so that its type has to be one on both sides of the library's border"


@dataclass
class Declaration:
    name: str  # "lineshaft::frontend::Each"
    line: int
    macro: str | None = None
    reason: str = ""  # why it has to be exported; empty: it need not be
    is_class: bool = False


@dataclass
class Scope:
    kind: str  # "namespace", "class", or "other": the body of a function, an enumeration, an initializer, a template
    prefix: str = ""  # of names in it
    head: str = ""
    begin: int = 0
    declaration: Declaration | None = None  # of a class


def bare(text: str) -> str:
    """A header without comments, literals, directives and macros that stand alone, its lines numbered as before."""

    def lines(match: re.Match) -> str:
        return "\n" * match.group().count("\n")

    text = re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", lines, text)
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lines, text, flags=re.MULTILINE)
    return re.sub(r"^[A-Z][A-Z_]+\([^()]*\)$", lines, text, flags=re.MULTILINE)


def plain(text: str) -> str:
    """Without template arguments. The signs of operators become letters that nothing else has."""
    text = OPERATOR.sub(lambda match: "operator" + "".join(chr(0xE000 + ord(sign)) for sign in match.group(1)), text)
    before = ""
    while before != text:
        before, text = text, re.sub(r"<[^<>]*>", "", text)
    return text


def signs(name: str) -> str:
    """A name with the operators' signs put back."""
    return "".join(chr(ord(letter) - 0xE000) if "\ue000" <= letter <= "\uf8ff" else letter for letter in name)


def function_name(words: str) -> str | None:
    """Of a function's declaration; None for any other, such as a pointer to one."""
    words = plain(words).split("=")[0]
    match = re.search(r"([~\w\ue000-\uf8ff]+)\s*\(", words)
    return signs(match.group(1)) if match and not re.search(r"\(\s*\*", words) else None


class Header:
    """A header as clang-format lays it out: its classes, and the functions and variables that a source defines."""

    def __init__(self, text: str) -> None:
        self.text = bare(text)
        self.scopes = [Scope("namespace")]
        self.found: list[Declaration] = []
        statement, start, depth, line = "", 1, 0, 1
        for at, sign in enumerate(self.text):
            line += sign == "\n"
            if self.scopes[-1].kind == "other":
                if sign == "{":
                    self.scopes.append(Scope("other", begin=at))
                elif sign == "}":
                    statement = self.close(at)
                continue
            depth += (sign == "(") - (sign == ")")
            if depth or sign not in "{};":
                start = start if statement.strip() else line
                statement += sign
            elif sign == "{":
                self.open(statement, start, at)
                statement = ""
            elif sign == "}":
                statement = self.close(at)
            else:
                self.end(statement, start)
                statement = ""

    def need(self, reason: str) -> None:
        """The class around all has to be exported."""
        owner = next((scope.declaration for scope in self.scopes if scope.declaration), None)
        if owner and not owner.reason:
            owner.reason = reason

    def open(self, statement: str, line: int, at: int) -> None:
        outer = self.scopes[-1]
        head = " ".join(re.sub(r"\b(public|private|protected)\s*:(?!:)", " ", statement).split())
        if space := re.match(r"(?:inline )?namespace ?([\w:]*)$|extern$", head):
            inner = Scope("namespace", outer.prefix + (f"{space.group(1)}::" if space.group(1) else ""))
        elif match := re.match(rf"(?:class|struct) (?:({PUBLIC}|{COMMAND}) )?(\w+)(?: final)? ?(:.*)?$", head):
            declaration = Declaration(outer.prefix + match.group(2), line, match.group(1), is_class=True)
            if match.group(3):
                declaration.reason = "it has a base, " + ONE_TYPE
            if outer.kind == "namespace":
                self.found.append(declaration)
            inner = Scope("class", declaration.name + "::", declaration=declaration)
        else:
            inner = Scope("other", head=head, begin=at)
        self.scopes.append(inner)

    def close(self, at: int) -> str:
        """Ends a scope. Returns what its statement began with, where that goes on."""
        closed = self.scopes.pop()
        if closed.kind != "other" or self.scopes[-1].kind == "other" or closed.head.startswith("template"):
            return ""
        if re.search(r"\bstatic\b(?!\s+(const|constexpr)\b)", self.text[closed.begin : at]):
            self.need("an inline function of it keeps a static variable, of which there must be one")
        return "" if function_name(closed.head) else closed.head + " "

    def end(self, statement: str, line: int) -> None:
        words = re.sub(r"^\s*((public|private|protected)\s*:\s*)*(\[\[[^\]]*\]\]\s*)*", "", statement).strip()
        marked = re.search(rf"\b({PUBLIC}|{COMMAND})\s", words)
        words = re.sub(rf"\b({PUBLIC}|{COMMAND})\s+", "", words)
        external = words.startswith("extern ")
        words = re.sub(r"^extern\s+", "", words)
        if not marked and re.match(
            r"(using|typedef|template|static_assert|enum|inline|constexpr|class|struct)\b", words
        ):
            return
        name, here = function_name(words), self.scopes[-1]
        defined = re.search(r"=\s*(0|default|delete)$", words)
        if here.kind == "class" and not words.startswith("friend"):
            if re.search(r"^virtual\b|\boverride\b", words):
                self.need("it has virtual functions, " + ONE_TYPE)
            if name and not defined:
                self.need(f"a source defines its {name}")
            elif not name and re.match(r"static\b(?!.*\b(constexpr|inline)\b)", words):
                self.need("a source defines its static variable")
            return
        prefix = next(scope.prefix for scope in reversed(self.scopes) if scope.kind == "namespace")
        names = [name] if name and not defined else []
        if external and not name:
            names = re.findall(r"(\w+)\s*(?:\[\w*\]\s*)*(?:,|$)", plain(words))
        macro = marked.group(1) if marked else None
        self.found += [Declaration(prefix + each, line, macro, "a source defines it") for each in names]


def headers(folder: str) -> dict[str, list[Declaration]]:
    files = sorted((ROOT / folder).rglob("*.h"))
    return {str(file.relative_to(ROOT)): Header(file.read_text()).found for file in files}


def forgotten(name: str, found: list[Declaration]) -> list[str]:
    return [f"{name}:{d.line}: {d.name} lacks {PUBLIC}: {d.reason}" for d in found if d.reason and not d.macro]


def name_of(symbol: str) -> str:
    """Without types: "lineshaft::Stream::wait" of "lineshaft::Stream::wait(lineshaft::Event const&)"."""
    symbol = re.sub(r"^(vtable|VTT|typeinfo( name)?|guard variable|TLS \w+ function|.*thunk) (for|to) ", "", symbol)
    symbol = plain(re.sub(r"\[[^\]]*\]", "", symbol.replace("(anonymous namespace)", "{anonymous}")))
    symbol = re.sub(r"\([^()]*\)( const)?(?=::)", "", symbol)  # of the function that a static variable is in
    return signs(symbol.split("(")[0].split()[-1])


def exported(library: Path) -> set[str]:
    listed = subprocess.run(["nm", "-D", "-C", "--defined-only", library], capture_output=True, text=True, check=True)
    return {name_of(line.split(" ", 2)[2]) for line in listed.stdout.splitlines()}


def check_library(names: set[str], public: list[Declaration], private: list[Declaration]) -> list[str]:
    marked = [declaration for declaration in public + private if declaration.macro]
    plain_names = {declaration.name for declaration in marked if not declaration.is_class}
    classes = {declaration.name for declaration in marked if declaration.is_class}

    def owners(name: str) -> set[str]:
        parts = name.split("::")
        return {"::".join(parts[:count]) for count in range(1, len(parts) + 1)}

    ours = {name for name in names if name.split("::")[0] not in STANDARD and not name.startswith("_")}
    wrong = [
        f"the library exports {name}, which no header marks with {PUBLIC} or {COMMAND}: mark it there, or hide it"
        for name in sorted(ours)
        if name not in plain_names and not owners(name) & classes
    ]
    there = set().union(*map(owners, ours))
    return wrong + [
        f"the library does not export {declaration.name}, which a public header marks with {PUBLIC}: "
        "no source defines it, or none that includes the header"
        for declaration in public
        if declaration.macro and declaration.name not in there
    ]


def main() -> int:
    public, private = headers("include/lineshaft"), headers("src")
    wrong = [line for name, found in public.items() for line in forgotten(name, found)]
    if len(sys.argv) > 1:
        wrong += check_library(exported(Path(sys.argv[1])), sum(public.values(), []), sum(private.values(), []))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
