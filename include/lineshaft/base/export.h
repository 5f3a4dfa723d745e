// LINESHAFT_EXPORT marks each function, class and variable that the engine's library exports. All other symbols are
// hidden: they cannot clash with symbols of the program, and calls inside the library need no symbol table. Mark what a
// source file defines, classes with virtual functions, and exceptions, whose type information must be the same in the
// library and in the program. Inline functions and templates need no mark. scripts/check_exports.py finds forgotten
// marks.
#pragma once

#if defined(LINESHAFT_STATIC)
// The engine is part of the program: the unit tests.
#define LINESHAFT_EXPORT
#elif defined(_WIN32)
#ifdef LINESHAFT_BUILDING
#define LINESHAFT_EXPORT __declspec(dllexport)
#else
#define LINESHAFT_EXPORT __declspec(dllimport)
#endif
#else
#define LINESHAFT_EXPORT __attribute__((visibility("default")))
#endif
