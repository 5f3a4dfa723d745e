"""What the engine's library offers to programs: all that its headers mark, nothing else (scripts/check_exports.py)."""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LINESHAFT_BUILD", ROOT / "build/release"))
sys.path.insert(0, str(ROOT / "scripts"))

import check_exports  # noqa: E402

HEADER = """
#pragma once
namespace lineshaft {
// int commented();
inline int twice(int x) { return 2 * x; }
template <class T> int size(const T& value);
LINESHAFT_ENUM_NAMES(Color, "red",
                     "green")
%s
struct Plain {
  void (*callback)(int) = nullptr;
  std::function<void(int)> handle;
  std::atomic<int> count{0};
  Plain() = default;
  bool empty() const { return count == 0; }
  friend bool operator==(const Plain&, const Plain&) = default;
};
}  // namespace lineshaft
"""


# "@" is where the mark belongs.
@pytest.mark.parametrize(
    "text, name",
    [
        ("@ int forgotten(int x = 0);", "forgotten"),
        ("[[noreturn]] @ void forgotten(std::function<void(int)> f,\n    int x);", "forgotten"),
        ("namespace detail {\n@ int forgotten();\n}", "detail::forgotten"),
        ("@ extern std::array<int, 3> forgotten;", "forgotten"),
        ("class @ Forgotten {\n public:\n  void run();\n};", "Forgotten"),
        ("struct @ Forgotten {\n  static int count;\n};", "Forgotten"),
        ("struct @ Forgotten {\n  virtual ~Forgotten() = default;\n};", "Forgotten"),
        ("struct @ Forgotten : std::runtime_error {};", "Forgotten"),
        (
            "struct @ Forgotten {\n  static int& now() {\n    static thread_local int x;\n    return x;\n  }\n};",
            "Forgotten",
        ),
        ("struct Half {\n  @ friend bool operator<(const Half& a, const Half& b);\n};", "operator<"),
    ],
)
def test_a_declaration_that_is_not_marked_is_found(text, name):
    forgotten = check_exports.Header(HEADER % text.replace("@ ", "")).found
    (found,) = check_exports.forgotten("x.h", forgotten)
    assert f"lineshaft::{name} lacks LINESHAFT_EXPORT" in found
    marked = check_exports.Header(HEADER % text.replace("@", "LINESHAFT_EXPORT")).found
    assert check_exports.forgotten("x.h", marked) == []
    assert [declaration.name for declaration in marked if declaration.macro] == [f"lineshaft::{name}"]


def test_symbols_are_known_by_their_names():
    names = {
        "lineshaft::Stream::wait(lineshaft::Event const&)": "lineshaft::Stream::wait",
        "typeinfo name for lineshaft::Error": "lineshaft::Error",
        "lineshaft::Stream::current_label()::label": "lineshaft::Stream::current_label::label",
        "lineshaft::operator<=(lineshaft::Half<int> const&, int)": "lineshaft::operator<=",
        "void lineshaft::cpu::run<int, std::function<void (int)> >(int)": "lineshaft::cpu::run",
        "std::vector<lineshaft::TensorView>::reserve(unsigned long)": "std::vector::reserve",
        "lineshaft::to_string[abi:cxx11](lineshaft::Program const&)": "lineshaft::to_string",
    }
    assert {symbol: check_exports.name_of(symbol) for symbol in names} == names


def test_what_is_exported_without_a_mark_is_found():
    header = check_exports.Header(
        "class LINESHAFT_EXPORT Stream {\n  void wait();\n};\nLINESHAFT_EXPORT int count();"
    ).found
    assert check_exports.check_library({"Stream::wait", "count", "std::vector::reserve"}, header, []) == []
    (more,) = check_exports.check_library({"Stream", "count", "cpu::run"}, header, [])
    assert "exports cpu::run" in more
    (less,) = check_exports.check_library({"Stream::wait"}, header, [])
    assert "does not export count" in less


@pytest.fixture(scope="module")
def exported() -> set[str]:
    library = BUILD / "lib/liblineshaft.so"
    if not library.exists():
        pytest.skip(f"the engine is not built in {BUILD}")
    if shutil.which("nm") is None:
        pytest.skip("nm, which lists a library's symbols, is not installed: apt-get install binutils")
    return check_exports.exported(library)


def test_the_library_exports_what_its_headers_mark(exported):
    public, private = check_exports.headers("include/lineshaft"), check_exports.headers("src")
    assert [line for name, found in public.items() for line in check_exports.forgotten(name, found)] == []
    assert check_exports.check_library(exported, sum(public.values(), []), sum(private.values(), [])) == []


def test_no_backend_is_exported(exported):
    inside = ("lineshaft::cpu::", "lineshaft::vulkan::", "Eigen::", "dnnl::", "toml::", "nlohmann::", "YAML::")
    assert sorted(name for name in exported if name.startswith(inside)) == []


def test_a_threads_operator_is_one_variable_on_both_sides(exported):
    """Inline functions are hidden, and a program has copies of them; of the variables inside them it must have none."""
    assert "lineshaft::Stream::current_label::label" in exported
